FROM python:3.13-slim

# For CUDA: --build-arg JAX=jax[cuda13]
ARG JAX=jax

RUN useradd --create-home app
WORKDIR /home/app/visualizer
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt "$JAX"
COPY --chown=app . .
USER app
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://localhost:8501/_stcore/health')"]
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]

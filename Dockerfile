FROM python:3.13-slim

# For CUDA: --build-arg JAX=jax[cuda13]
ARG JAX=jax

# A number: where nobody may be root, a name is not believed.
RUN useradd --create-home --uid 10001 app
WORKDIR /home/app/visualizer
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt "$JAX"
COPY . .
# Nothing of it is written when it runs.
RUN python -m compileall -q .
USER 10001
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=6 CMD \
    ["python", "deploy/ready.py"]
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]

"""pdflatex of Debian's packages; what is missing is installed."""

import os
import shutil
import subprocess

import pytest

PACKAGES = ("texlive-latex-recommended", "texlive-pictures")


def find_tex():
    """The path of pdflatex."""
    if path := shutil.which("pdflatex"):
        return path
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "-y", *PACKAGES]):
            subprocess.run(["apt-get", *words], stdin=subprocess.DEVNULL, check=False)
    if path := shutil.which("pdflatex"):
        return path
    pytest.fail("These tests need pdflatex and could not install it: texlive-pictures.")


def compiled(text, folder):
    """What pdflatex says of a file, which it has to make a page of."""
    (folder / "a.tex").write_text(text, "utf-8")
    command = [find_tex(), "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    said = ended.stdout.decode("latin-1")
    assert ended.returncode == 0, said[-2000:]
    assert (folder / "a.pdf").stat().st_size > 1000
    return said

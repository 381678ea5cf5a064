"""Makes the picture of the page and the film of the race from the running app.

.venv/bin/streamlit run app.py &
.venv/bin/python docs/film.py            writes docs/page.png and docs/race.webp
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
FRAMES = 48
WIDTH = 760


def seek(page: Page, step: int) -> None:
    """Puts the timeline on a step and waits until the player shows it."""
    page.evaluate(
        """(step) => {
            const scrub = document.querySelector('[data-testid=timeline]');
            scrub.value = step;
            scrub.dispatchEvent(new Event('input'));
        }""",
        step,
    )
    page.wait_for_selector(f"[data-testid=player][data-step='{step}']")
    page.wait_for_timeout(120)


def film(address: str) -> None:
    """Opens the page, takes the screenshot, then one picture for each frame."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--use-angle=swiftshader"],
        )
        page = browser.new_page(
            viewport={"width": 1280, "height": 720}, color_scheme="dark"
        )
        page.goto(address)
        player = page.wait_for_selector("[data-testid=player][data-steps]")
        assert player is not None
        steps = int(player.get_attribute("data-steps") or 0)
        page.wait_for_timeout(2000)
        page.get_by_role("button", name="Dismiss this invitation").click()
        seek(page, round(0.55 * steps))
        page.screenshot(path=HERE / "page.png")

        area = {"x": 12, "y": 102, "width": 944, "height": 570}
        frames = []
        for i in range(FRAMES):
            # Early steps are the lively ones: time runs slower there.
            seek(page, round(steps * (i / (FRAMES - 1)) ** 1.8))
            shot = Image.open(io.BytesIO(page.screenshot(clip=area)))
            size = (WIDTH, round(WIDTH * area["height"] / area["width"]))
            frames.append(shot.convert("RGB").resize(size, Image.Resampling.LANCZOS))
        browser.close()
    frames[0].save(
        HERE / "race.webp",
        save_all=True,
        append_images=frames[1:],
        duration=[90] * (FRAMES - 1) + [1800],
        loop=0,
        quality=80,
        method=6,
    )


if __name__ == "__main__":
    film(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501")

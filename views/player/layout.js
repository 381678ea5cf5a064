// The layout: which areas each view has, and which panel stands in which area. This is the
// one table of all panels of all views.

import { AroundView } from "./around.js";
import { MapArrows, SceneArrows } from "./arrows.js";
import { BandsView } from "./bands.js";
import { BasinsView } from "./basins.js";
import { Cards } from "./cards.js";
import { Cloud } from "./cloud.js";
import { CurveView } from "./curve.js";
import { CurvesView } from "./curves.js";
import { FairView } from "./fair.js";
import { FileDialog } from "./filedialog.js";
import { FitView } from "./fit.js";
import { GuessView } from "./guess.js";
import { HelpView } from "./help.js";
import { InsideView } from "./inside.js";
import { LessonView } from "./lesson.js";
import { LossView } from "./losses.js";
import { MapView } from "./map.js";
import { PlaneView } from "./plane.js";
import { SaveView } from "./savedialog.js";
import { SceneView } from "./scene.js";
import { ShareView } from "./share.js";
import { StudyBar } from "./studybar.js";
import { SweepView } from "./sweep.js";
import { SeriesView } from "./series.js";
import { TableView } from "./runtable.js";
import { ThemeList } from "./themelist.js";
import { Timeline } from "./timeline.js";

/**
 * The areas of each view, which style.css places; a study has the view that its row in
 * views/tabs.py names as its layout.
 * @type {Record<string, string[]>}
 */
export const VIEWS = {
  race: ["map", "scene", "losses", "timeline", "cards"],
  side: ["map", "losses", "timeline", "cards"],
  stacked: ["bar", "main", "low", "cards"],
  whole: ["bar", "main", "cards"],
  split: ["bar", "map", "beside", "low", "cards"],
  film: ["bar", "map", "beside", "timeline", "cards"],
  raced: ["bar", "main", "map", "losses", "timeline", "cards"],
};

/**
 * How many panels an area shows at once, side by side; one where it is not here. Where an
 * area has more, each has a button, and the first are shown until a button is pressed.
 * @type {Record<string, number>}
 */
export const AT_ONCE = { losses: 2 };

/**
 * A row of the table.
 * @template {import("./panel.js").Panel} [P=import("./panel.js").Panel]
 * @typedef {object} Row
 * @property {string} title  what it is called where it fails
 * @property {string} [button]  and on the button that asks for it; else its title
 * @property {string} [as]  its name in the address; else its own
 * @property {string} area  where it stands, in each view that has this area
 * @property {string} [group]  the group with which it is hidden (views/groups.py)
 * @property {Need[]} needs  what it is given (`Given`, in types.d.ts); one that needs the
 *   study is shown where views/tabs.py names it
 * @property {(page: Merged) => boolean} [applies]  whether there is anything to show; else
 *   there always is
 * @property {boolean} [slow]  whether it takes long to draw still pictures
 * @property {boolean} [enlarges]  whether it can be shown alone, large
 * @property {boolean} [saves]  whether it saves what is shown: not out of a file that plays
 * @property {string} [over]  the panel in whose element it lies, if it has none of its own
 * @property {"aside" | "div"} [plain]  the tag of its element, if that is no picture
 * @property {string} [kind]  the class of its element (style.css); else its name
 * @property {(host: HTMLElement, on: PanelEvents) => P} make
 */

/**
 * A row for each chart that comes with a race (views/charts.py).
 * @param {string[]} names
 */
function chartRows(names) {
  return Object.fromEntries(
    names.map((name) => [
      `chart-${name}`,
      {
        title: name,
        as: name,
        kind: "series",
        enlarges: true,
        area: "losses",
        group: "charts",
        needs: /** @type {Need[]} */ (["page", "race"]),
        make: (/** @type {HTMLElement} */ host, /** @type {PanelEvents} */ on) => new SeriesView(host, name, on.seek),
      },
    ]),
  );
}

/**
 * The panels, in the order in which the Tab key comes to them.
 * @satisfies {Record<string, Row>}
 */
export const PANELS = {
  map: {
    title: "map",
    enlarges: true,
    area: "map",
    needs: ["landscape", "split", "race"],
    make: (host, on) => new MapView(host, on.start, on.inspect),
  },
  data: {
    title: "data",
    enlarges: true,
    area: "scene",
    needs: ["page", "race"],
    applies: ({ data }) => data !== null,
    make: (host) => new FitView(host),
  },
  curve: {
    title: "curve",
    enlarges: true,
    area: "scene",
    needs: ["page", "race"],
    applies: ({ curve }) => curve !== null,
    make: (host) => new CurveView(host),
  },
  scene: {
    title: "3D surface",
    button: "3D",
    as: "3d",
    enlarges: true,
    slow: true,
    area: "scene",
    group: "3d",
    needs: ["landscape", "race"],
    make: (host) => new SceneView(host),
  },
  inside: {
    title: "inside the step",
    button: "inside the step",
    area: "scene",
    group: "inside",
    needs: ["race"],
    make: (host, on) => new InsideView(host, on.explain),
  },
  table: {
    title: "table of the run",
    button: "table",
    kind: "runtable",
    area: "scene",
    group: "inside",
    needs: ["race"],
    make: (host, on) => new TableView(host, on),
  },
  around: {
    title: "what the map shows besides",
    area: "map",
    over: "map",
    needs: ["page", "landscape", "race"],
    make: (host, on) => new AroundView(host, on.show),
  },
  arrows: {
    title: "arrows",
    area: "map",
    over: "map",
    needs: ["race"],
    make: (host) => new MapArrows(host),
  },
  arrows3d: {
    title: "arrows on the surface",
    area: "scene",
    over: "scene",
    needs: ["race"],
    make: (host) => new SceneArrows(host),
  },
  guess: {
    title: "prediction",
    area: "map",
    over: "map",
    needs: ["page"],
    make: (host, on) => new GuessView(host, on.guess),
  },
  bar: {
    title: "study bar",
    area: "bar",
    needs: ["page"],
    plain: "div",
    make: (host, on) => new StudyBar(host, on),
  },
  cloud: {
    title: "trails",
    area: "map",
    over: "map",
    needs: ["study"],
    make: (host) => new Cloud(host, host.querySelector(".trails")),
  },
  basins: {
    title: "basins",
    area: "main",
    needs: ["study"],
    make: (host, on) => new BasinsView(host, on.start),
  },
  plane: {
    title: "two settings",
    area: "main",
    needs: ["study"],
    make: (host, on) => new PlaneView(host, on.pair),
  },
  fair: {
    title: "fair race",
    area: "main",
    needs: ["study"],
    make: (host, on) => new FairView(host, on),
  },
  curves: {
    title: "curves",
    area: "beside",
    needs: ["study"],
    make: (host) => new CurvesView(host),
  },
  bands: {
    title: "bands",
    area: "beside",
    needs: ["study"],
    make: (host, on) => new BandsView(host, on.seek),
  },
  sweep: {
    title: "sweep",
    area: "low",
    needs: ["study"],
    make: (host, on) => new SweepView(host, on.rate),
  },
  losses: {
    title: "loss curves",
    enlarges: true,
    button: "loss",
    as: "loss",
    area: "losses",
    group: "charts",
    needs: ["race", "lossRange"],
    make: (host, on) => new LossView(host, on.seek),
  },
  ...chartRows(["distance", "gradient", "step", "rate", "ratio", "angle", "sharpness", "directions"]),
  timeline: {
    title: "timeline",
    area: "timeline",
    group: "timeline",
    needs: ["race"],
    plain: "div",
    make: (host, on) => new Timeline(host, on.saveRace),
  },
  cards: {
    title: "cards",
    area: "cards",
    needs: ["page", "race"],
    plain: "aside",
    make: (host, on) => new Cards(host, on),
  },
  themes: {
    title: "themes",
    area: "cards",
    over: "cards",
    needs: ["page"],
    make: (host, on) => new ThemeList(host, on),
  },
  share: {
    title: "share",
    area: "cards",
    over: "cards",
    needs: ["page"],
    make: (host, on) => new ShareView(host, on),
  },
  file: {
    title: "save as a web page",
    area: "cards",
    over: "cards",
    needs: ["page"],
    make: (host, on) => new FileDialog(host, on.savePage),
  },
  picture: {
    title: "picture",
    area: "cards",
    over: "cards",
    saves: true,
    needs: ["page"],
    make: (host) => new SaveView(host),
  },
  help: {
    title: "help",
    area: "cards",
    over: "cards",
    needs: ["page"],
    make: (host) => new HelpView(host),
  },
  lesson: {
    title: "lessons",
    area: "cards",
    over: "cards",
    needs: ["page", "race"],
    make: (host, on) => new LessonView(host, on),
  },
};

import assert from "node:assert/strict";
import { test } from "node:test";

import { frameOf, linkTo } from "../../views/player/share.js";

const HREF = "http://localhost:8501/page/?on=adam%2Cadam%7E2&adam%7E2.lr=0.01&step=3&play=0&embed=true#top";

test("a link opens what is shown, and at a step if that is wanted", () => {
  assert.equal(linkTo(HREF, null), "http://localhost:8501/page/?on=adam,adam~2&adam~2.lr=0.01");
  assert.equal(linkTo(HREF, 12), "http://localhost:8501/page/?on=adam,adam~2&adam~2.lr=0.01&step=12&play=0");
  assert.equal(linkTo("http://localhost/", 0), "http://localhost/?step=0&play=0");
  assert.equal(linkTo("http://localhost/?theme=light", null), "http://localhost/?theme=light");
  assert.equal(linkTo("http://localhost/?theme=projector", null), "http://localhost/", "a room, not a reader");
});

test("a link says what is locked and hidden, and no longer what was", () => {
  const states = { rates: "lock", start: "", share: "hide", save: "hide" };
  const link = "http://localhost/?on=adam&hide=share,save&lock=rates";
  assert.equal(linkTo("http://localhost/?on=adam", null, states), link);
  assert.equal(linkTo("http://localhost/?hide=steps&on=adam", null, states), link);
  assert.equal(linkTo(link, null, { rates: "", share: "" }), "http://localhost/?on=adam");
  assert.equal(linkTo(link, null), link);
  assert.match(frameOf(link), /hide=share,save&amp;lock=rates&amp;embed=true/);
});

test("a link shows what is seen, and no longer what was", () => {
  const seen = { zoom: "0,1,-1,2", camera: null, speed: "40", loop: null };
  const link = linkTo("http://localhost/?camera=1,1,1&loop=0&speed=10", null, undefined, seen);
  assert.equal(link, "http://localhost/?speed=40&zoom=0,1,-1,2");
});

test("a frame holds the link as an attribute", () => {
  const code = frameOf('http://localhost/?f=a"b&x=1');
  assert.match(code, /src="http:\/\/localhost\/\?f=a%22b&amp;x=1&amp;embed=true"/);
  assert.match(frameOf("http://localhost/"), /src="http:\/\/localhost\/\?embed=true"/);
});

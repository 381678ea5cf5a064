"""How Streamlit's parts of the page look, and the page's name."""

STYLE = """<style>
.stMainBlockContainer { padding: 0.6rem 0.9rem 0.4rem; max-width: none; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.45rem; }
.stAppHeader { display: none; }
.st-key-bar { gap: 0.9rem; }
.st-key-bar .stPopover, .st-key-bar :has(> .stPopover) { min-width: 8rem; }
/* An arrow of its own: Streamlit's is a letter of a font that is larger than all of the
   player, and would be loaded before anything moves. */
.stPopover [data-testid="stIconMaterial"] { display: none; }
.stPopover button::after { content: "▾"; content: "▾" / ""; margin-left: 0.4rem; }
.st-key-bar label p, .st-key-typed label p { font-size: 0.75rem; opacity: 0.75; }
.st-key-view button { height: 2.5rem; }
.st-key-typed { gap: 0.6rem; }
[data-testid="stPopoverBody"]:has(.st-key-typed_data) { min-width: min(24rem, 92vw); }
.said { margin: 0; font-size: 0.75rem; opacity: 0.75; overflow-wrap: anywhere; }
.st-key-bar > :has(.page-name) { margin-left: auto; }
.page-name { line-height: 1.2; text-align: right; white-space: nowrap; }
.page-name h1 { margin: 0; padding: 0; font-size: 0.9rem; font-weight: 650; }
.page-name p { margin: 0; font-size: 0.75rem; opacity: 0.75; }
@media (max-width: 1270px) { /* for those who hear the page */
  .page-name { position: absolute; width: 1px; height: 1px; overflow: hidden; }
}
.notice {
  padding: 0.6rem 1rem 0.6rem 2.75rem; border-radius: 0.35rem; position: relative;
  background: color-mix(in srgb, rgb(251, 213, 79) 17%, transparent); color: inherit;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.notice::before {
  content: "⚠"; content: "⚠" / ""; position: absolute; left: 1rem;
  font-size: 1.25rem; line-height: 1.6rem;
}
</style>"""


NAME = """<div class="page-name">
<h1>Loss-surface visualizer</h1>
<p>Watch optimizers race</p>
</div>"""

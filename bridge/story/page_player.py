"""[sans-IO] The part of a story's page that plays the call's recording, in step with the timeline."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from bridge.story.moments import Moment

#: The entry that a recording begins with.
BEGUN = "recording_started"

_SCRIPT = """
const audio = document.getElementById("recording");
const began = Number(audio.dataset.began);
const rows = [...document.querySelectorAll("ol.line > li[data-ms]")];
const moments = rows.map((row) => ({ row, at: (row.dataset.ms - began) / 1000 }));
for (const { row, at } of moments) {
  if (at < 0) continue;
  const play = document.createElement("button");
  play.type = "button";
  play.className = "play";
  play.textContent = "\\u25b6";
  play.setAttribute("aria-label", `Play from ${at.toFixed(1)} seconds`);
  play.addEventListener("click", () => { audio.currentTime = at; audio.play(); });
  row.firstElementChild.append(play);
}
let shown = null;
audio.addEventListener("timeupdate", () => {
  const now = moments.findLast(({ at }) => at <= audio.currentTime)?.row ?? null;
  if (now === shown) return;
  shown?.removeAttribute("aria-current");
  now?.setAttribute("aria-current", "true");
  shown = now;
});
"""

_HASH = b64encode(sha256(_SCRIPT.encode()).digest()).decode()
#: What the page's Content-Security-Policy must allow besides.
POLICY = f"script-src 'sha256-{_HASH}'; media-src 'self'"


def began_at(moments: tuple[Moment, ...]) -> float | None:
    """Milliseconds from the call's beginning to the recording's; None: there is none."""
    return next((moment.elapsed_ms for moment in moments if moment.name == BEGUN), None)


def player(began_ms: float, url: str) -> str:
    """The recording with its controls; the script belongs at the end of the page."""
    told = "Left is the customer, right the bot. The buttons in the timeline play from there."
    attributes = f'id="recording" controls preload="none" src="{escape(url)}" data-began="{began_ms:.1f}"'
    return f'<h2 id="listen">Recording</h2>\n<p>{told}</p>\n<audio {attributes}></audio>'


def script() -> str:
    """What moves both in step."""
    return f"<script>{_SCRIPT}</script>"

"""[sans-IO] The style of a story's page: light and dark, for a wide screen, a phone and paper."""

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--panel:#f5f6f8;--line:#d5d9e0;--text:#1b1f27;--dim:#565e6c;--bad:#b3261e;
--bad-bg:#fdecea;--warn:#7a5200;--warn-bg:#fff4dc;--good:#1b6b3a;--good-bg:#e6f4ea;--sip:#1f5fbf;--rest:#7a3fb0;
--event:#565e6c;--speech:#0f766e;--focus:#1f5fbf}
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--panel:#1d2128;--line:#39404c;--text:#e7eaf0;--dim:#a4adbb;
--bad:#ff9a90;--bad-bg:#3a1d1b;--warn:#ffcf70;--warn-bg:#352a12;--good:#83d6a0;--good-bg:#17301f;--sip:#86b5ff;
--rest:#cda2f5;--event:#a4adbb;--speech:#5fd0c4;--focus:#86b5ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1rem 1rem 4rem;max-width:70rem;background:var(--bg);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .5rem}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
p{margin:.4rem 0}
a{color:var(--sip)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
.top{color:var(--dim);margin:0}
.verdict{border-left:6px solid var(--good);background:var(--good-bg);padding:.75rem 1rem;border-radius:.25rem}
.verdict.bad{border-color:var(--bad);background:var(--bad-bg)}
.verdict.warn{border-color:var(--warn);background:var(--warn-bg)}
.verdict.bad h1{color:var(--bad)}.verdict.warn h1{color:var(--warn)}.verdict.good h1{color:var(--good)}
.look{margin:.25rem 0 0}.look b{font-weight:600}
ol.more{margin:.75rem 0 0;padding-left:1.25rem}ol.more li{margin:.5rem 0}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.5rem 1rem;margin:1rem 0}
dl.facts div{background:var(--panel);border-radius:.25rem;padding:.4rem .6rem}
dt{color:var(--dim);font-size:.8rem}dd{margin:0}
table{border-collapse:collapse;width:100%;max-width:44rem}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:1rem}
.slow{color:var(--bad);font-weight:600}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.25rem;background:var(--panel)}
svg{display:block;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--text)}
.ladder svg{min-width:40rem;width:100%;max-width:60rem;height:auto}
.ladder .t{stroke:var(--panel);stroke-width:4px;paint-order:stroke;stroke-linejoin:round}
.chart svg{min-width:34rem;width:100%;height:auto}
.lane{stroke:var(--line)}.head{font-weight:600}.dim{fill:var(--dim)}
.a-sip{stroke:var(--sip);fill:var(--sip)}.a-rest{stroke:var(--rest);fill:var(--rest)}
.a-event{stroke:var(--event);fill:var(--event)}.a-speech{stroke:var(--speech);fill:var(--speech)}
.a-bad{stroke:var(--bad);fill:var(--bad)}.t-bad{fill:var(--bad);font-weight:600}
.axis{stroke:var(--line)}.level-customer{fill:var(--sip)}.level-engine{fill:var(--speech)}
.lost{fill:var(--bad)}.mos{fill:none;stroke:var(--text);stroke-width:1.5}.mark{stroke:var(--bad);stroke-dasharray:4 3}
.band{fill:var(--bad-bg)}
fieldset{border:0;padding:0;margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
legend{float:left;margin-right:1rem;color:var(--dim)}
label{display:inline-flex;gap:.4rem;align-items:center;min-height:2rem}
ol.line{list-style:none;margin:0;padding:0}
ol.line>li{display:grid;grid-template-columns:7.5rem 1fr;gap:0 .75rem;padding:.35rem 0;
border-bottom:1px solid var(--line)}
ol.line>li:target{background:var(--warn-bg)}
ol.line time{font-variant-numeric:tabular-nums;color:var(--dim)}
.after{display:block;font-size:.8rem}
.kind{display:inline-block;min-width:3.5rem;font-size:.75rem;font-weight:600;letter-spacing:.02em}
.k-sip .kind{color:var(--sip)}.k-rest .kind{color:var(--rest)}.k-event .kind{color:var(--event)}
.k-speech .kind{color:var(--speech)}
.grave .title{color:var(--bad);font-weight:600}
.way,.more-facts{color:var(--dim);font-size:.875rem}
summary{cursor:pointer;color:var(--sip);min-height:1.75rem}
pre{margin:.25rem 0 .5rem;padding:.6rem;background:var(--panel);border:1px solid var(--line);border-radius:.25rem;
white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
body:has(#f-sip:not(:checked)) .k-sip,body:has(#f-rest:not(:checked)) .k-rest,
body:has(#f-event:not(:checked)) .k-event,body:has(#f-speech:not(:checked)) .k-speech{display:none}
footer{margin-top:3rem;color:var(--dim);font-size:.875rem}
@media(max-width:40rem){body{padding:.75rem .75rem 3rem}h1{font-size:1.25rem}
ol.line>li{grid-template-columns:1fr}.after{display:inline;margin-left:.5rem}dl.facts{grid-template-columns:1fr 1fr}}
@media(max-width:22rem){dl.facts{grid-template-columns:1fr}}
@media print{body{max-width:none}.scroll{overflow:visible}fieldset,.skip{display:none}}
audio{width:100%;max-width:44rem}
.play{font:inherit;font-size:.75rem;margin-left:.4rem;padding:0 .4rem;background:var(--panel);color:var(--sip);
border:1px solid var(--line);border-radius:.25rem;cursor:pointer}
li[aria-current]{background:var(--warn-bg)}
"""

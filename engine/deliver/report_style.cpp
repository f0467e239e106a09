#include "deliver/detail/report_page.h"

namespace twopop::deliver::detail {

std::string_view report_style() {
  return R"css(
:root{color-scheme:light dark;--paper:#f6f4f0;--card:#fffefb;--ink:#1f2126;--soft:#666b75;--faint:#8d929b;--line:#e4e0d8;--grid:#ece8e0;
--pass:#21794d;--pass-bg:#e1f2e7;--fail:#b42318;--fail-bg:#fbe4e1;--warn:#95610a;--warn-bg:#faeccb;--note:#4a5568;--note-bg:#e9ecf1;
--mix:#3d434f;--dialogue:#2563b0;--adr:#7450c4;--effects:#b9641b;--foley:#2f8246;--music:#b83363;--band:#cfe8d8;--target:#21794d}
@media(prefers-color-scheme:dark){:root{--paper:#121418;--card:#1a1d23;--ink:#e9e7e2;--soft:#a3a9b4;--faint:#7b818c;--line:#2b2f38;--grid:#242830;
--pass:#6fd09a;--pass-bg:#17382a;--fail:#ff8a80;--fail-bg:#4a1d1b;--warn:#eabb58;--warn-bg:#44340f;--note:#b6bdc9;--note-bg:#2a2f39;
--mix:#c6ccd8;--dialogue:#6db0f2;--adr:#b39af5;--effects:#eaa262;--foley:#79c98c;--music:#f088ac;--band:#1d4030;--target:#6fd09a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1240px;margin:0 auto;padding:34px 28px 60px}
h1{font-size:34px;line-height:1.15;font-weight:650;letter-spacing:-.02em;margin:0}
h2{font-size:19px;font-weight:640;letter-spacing:-.01em;margin:46px 0 4px}
h2+p.lead{margin:0 0 14px;color:var(--soft);max-width:104ch}
p{margin:0}
a{color:inherit}
bdi{unicode-bidi:isolate}
.soft{color:var(--soft)}.faint{color:var(--faint)}
.eyebrow{font-size:12px;letter-spacing:.09em;text-transform:uppercase;color:var(--faint);margin:0 0 6px}
header{display:flex;gap:24px;align-items:flex-end;justify-content:space-between;flex-wrap:wrap}
header .facts{margin-top:8px;color:var(--soft)}
header .facts span+span::before{content:"·";margin:0 .55em;color:var(--faint)}
.verdict{border-radius:14px;padding:12px 20px;min-width:250px}
.verdict b{display:block;font-size:19px;font-weight:650;letter-spacing:-.01em}
.verdict.pass{background:var(--pass-bg);color:var(--pass)}.verdict.fail{background:var(--fail-bg);color:var(--fail)}
.verdict span{font-size:13px;opacity:.92}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:10px;margin:24px 0 12px}
.figure{padding:13px 14px 12px;position:relative}
.figure .name{font-size:12.5px;color:var(--soft);line-height:1.3;min-height:2.6em;padding-right:46px}
.figure .value{font-size:25px;white-space:nowrap;font-weight:620;letter-spacing:-.02em;line-height:1.25}
.figure .value small{font-size:13px;font-weight:500;color:var(--soft);letter-spacing:0;margin-left:.3em}
.figure .limit{font-size:12.5px;color:var(--soft)}
.figure .mark{position:absolute;right:12px;top:13px}
.gauge{position:relative;height:6px;border-radius:3px;background:var(--grid);margin:9px 0 7px;overflow:visible}
.gauge i{position:absolute;top:0;bottom:0;background:var(--band);border-radius:3px}
.gauge b{position:absolute;top:-4px;width:3px;height:14px;margin-left:-1.5px;border-radius:2px;background:var(--ink)}
.chip{display:inline-block;font-size:12px;font-weight:600;line-height:1;padding:4px 8px 4.5px;border-radius:20px;white-space:nowrap}
.chip.pass{color:var(--pass);background:var(--pass-bg)}.chip.error,.chip.fail{color:var(--fail);background:var(--fail-bg)}
.chip.warning{color:var(--warn);background:var(--warn-bg)}.chip.note{color:var(--note);background:var(--note-bg)}
.says{padding:13px 16px;margin-top:12px;border-left:4px solid var(--warn)}
.timeline{padding:16px 18px 14px 0;overflow:hidden}
.lane{display:grid;grid-template-columns:126px 1fr 96px;align-items:center}
.lane .label{padding:0 12px 0 18px;font-size:12.5px;color:var(--soft);text-align:right;line-height:1.25}
.lane .label b{display:block;font-weight:600;color:var(--ink);font-size:13px}
.lane .plot{position:relative;min-width:0}
.lane svg{display:block;width:100%;height:100%;overflow:visible}
.strip{display:flex;height:64px;border-radius:8px;overflow:hidden;background:var(--grid)}
.strip img{display:block;flex:1 1 0;min-width:0;height:100%;object-fit:cover}
.ruler{height:23px;border-bottom:1px solid var(--line)}
.ruler span{position:absolute;bottom:3px;transform:translateX(-50%);font-size:11px;color:var(--faint);white-space:nowrap}
.ruler span.first{transform:none}
.marks{height:17px}
.marks a{position:absolute;top:4px;height:9px;min-width:5px;border-radius:2.5px;transform:translateX(-1px)}
.marks a.error{background:var(--fail)}.marks a.warning{background:var(--warn);opacity:.85}.marks a.note{background:var(--faint);opacity:.7}
.wave{height:54px;border-bottom:1px solid var(--grid)}.wave.mix{height:84px}.wave.silent{height:24px}
.wave .none{position:absolute;inset:0;display:flex;align-items:center;font-size:12px;color:var(--faint);padding-left:10px}
.speech{height:9px}.speech i{position:absolute;top:2px;height:5px;border-radius:2px;background:var(--dialogue);opacity:.55}
.level{font-size:11.5px;color:var(--faint);padding-left:10px;line-height:1.25}
.loud{height:250px;margin-top:10px}
.loud .y{white-space:nowrap;position:absolute;left:100%;margin-left:8px;transform:translateY(-50%);font-size:11px;color:var(--faint)}
.loud .y.target{color:var(--target);font-weight:650}
.loud .label{align-self:start;padding-top:2px}
.key{display:flex;gap:7px;align-items:center;justify-content:flex-end;margin-top:6px;font-size:12px}
.key i{width:16px;height:0;border-top:2px solid}
.key i.m{border-color:var(--faint);opacity:.55}.key i.s{border-color:var(--dialogue)}.key i.i{border-color:var(--ink);border-top-width:2.5px}
.key i.b{border-top:9px solid var(--band)}
.board{display:grid;grid-template-columns:repeat(6,1fr);gap:0;overflow:hidden;margin-top:12px}
.phase{padding:14px 16px 13px;border-left:1px solid var(--line);min-width:0}
.phase:first-child{border-left:0}
.phase .step{font-size:12px;color:var(--faint)}
.phase .what{font-weight:640;font-size:15.5px;letter-spacing:-.01em;margin-bottom:6px}
.phase dl{display:grid;grid-template-columns:auto auto;justify-content:space-between;margin:0 0 9px;font-size:13px}
.phase dt{color:var(--soft)}.phase dd{margin:0;text-align:right;font-weight:560}
.phase dd.hot{color:var(--warn)}
.scroll{overflow-x:auto;margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th{text-align:left;font-weight:600;font-size:12px;color:var(--soft);padding:10px 12px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:9px 12px;border-bottom:1px solid var(--grid);vertical-align:top;overflow-wrap:break-word}
tr:last-child td{border-bottom:0}
td.num,th.num{text-align:right;white-space:nowrap}
td.tc{white-space:nowrap;color:var(--soft);font-size:13px}
td .why{color:var(--soft);display:block;margin-top:1px}
tr:target td{background:var(--warn-bg)}
.bar{display:inline-block;vertical-align:middle;width:54px;height:6px;border-radius:3px;background:var(--grid);margin-right:8px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--pass)}.bar i.low{background:var(--warn)}
details{margin-top:10px}
summary{cursor:pointer;color:var(--soft);font-size:13.5px;padding:4px 2px}
.group{padding:12px 16px;border-top:1px solid var(--grid)}.group:first-child{border-top:0}
.group h3{font-size:14px;font-weight:620;margin:0 0 4px;overflow-wrap:anywhere}
.group ul{margin:0;padding:0;list-style:none}
.group li{display:grid;grid-template-columns:190px 1fr;gap:12px;padding:3px 0;font-size:13.5px}
.group li>span:first-child{color:var(--faint);white-space:nowrap}
.empty{padding:14px 16px;color:var(--soft)}
footer{margin-top:44px;padding-top:16px;border-top:1px solid var(--line);font-size:12.5px;color:var(--soft);display:grid;gap:5px;max-width:96ch}
@media(max-width:820px){main{padding:20px 14px 40px}.board{grid-template-columns:repeat(2,1fr)}.phase:nth-child(odd){border-left:0}.phase:nth-child(n+3){border-top:1px solid var(--line)}
.lane{grid-template-columns:76px 1fr 62px}.lane .label{padding:0 8px 0 8px;font-size:11px}.level{font-size:10px;padding-left:6px}.key{font-size:10px;gap:4px}.key i{width:9px}
.ruler span:nth-child(even){display:none}.loud .y{margin-left:5px;font-size:10px}.group li{grid-template-columns:1fr;gap:0}}
@media print{body{background:#fff}.card{break-inside:avoid}}
)css";
}

}  // namespace twopop::deliver::detail

#include "deliver/report.h"

#include "deliver/detail/html.h"
#include "deliver/detail/report_page.h"

namespace twopop::deliver {
namespace {

const char* standing_note(Standing standing) {
  switch (standing) {
    case Standing::Seen: return "";
    case Standing::Quoted: return "Some of its figures are quoted from other sources, not from the specification itself.";
    case Standing::General: return "Some of its figures are general knowledge: check them with whoever takes the film.";
  }
  return "";
}

}  // namespace

std::string report_html(const ReportData& data) {
  using namespace detail;
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  html += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n";
  html += "<title>" + escaped(data.title) + " – mix report</title>\n<style>" + std::string(report_style()) + "</style>\n</head>\n<body><main>\n";
  html += verdict_section(data) + timeline_section(data) + board_section(data) + findings_section(data) + sync_section(data) + treatments_section(data);
  for (const ReportTable& table : data.tables) html += table_section(table);
  html += files_section(data);
  html += fmt::format("<footer><p>{}: {}. {} Measured by ITU-R BS.1770-5, EBU Tech 3341 and 3342.</p><p>Waveforms: peaks and RMS (darker) by a power law, so that quiet places are seen. "
                      "Loudness: momentary over 400 ms, short-term over 3 s, programme up to each moment.</p><p>Made by Twopop {}.</p></footer>\n",
                      escaped(data.spec.name), escaped(data.spec.source), standing_note(data.spec.standing), escaped(data.engine));
  return html + "</main></body>\n</html>\n";
}

}  // namespace twopop::deliver

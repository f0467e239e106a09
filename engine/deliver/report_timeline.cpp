#include "deliver/detail/html.h"
#include "deliver/detail/report_page.h"

#include <algorithm>
#include <cmath>

namespace twopop::deliver::detail {
namespace {

constexpr int kMostMarks = 400;
constexpr std::size_t kMostPoints = 1100;

std::string lane(const std::string& kind, const std::string& label, const std::string& plot, const std::string& after = {}) {
  return fmt::format("<div class=\"lane\"><div class=\"label\">{}</div><div class=\"plot {}\">{}</div><div class=\"level\">{}</div></div>\n", label, kind, plot, after);
}

std::string filmstrip(const ReportData& data) {
  if (data.frames.empty()) return {};
  std::string strip;
  for (const ReportFrame& frame : data.frames)
    if (!frame.jpeg.empty()) strip += fmt::format("<img alt=\"\" src=\"data:image/jpeg;base64,{}\">", base64(frame.jpeg));
  return strip.empty() ? std::string() : lane("strip", "<b>Picture</b>", strip);
}

std::vector<double> ticks(double length_s) {
  for (const double step : {0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0})
    if (length_s / step <= 9.0) {
      std::vector<double> all;
      for (double t = 0.0; t < length_s - 0.35 * step; t += step) all.push_back(t);
      return all;
    }
  return {0.0};
}

/// Vertical lines at the ruler's ticks.
std::string grid_lines(const ReportData& data, double height) {
  std::string path;
  for (const double t : ticks(seconds(data.length, data.rate)))
    if (t > 0) path += fmt::format("M{:.1f} 0V{:.0f}", 10.0 * percent_of(data, t), height);
  return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"var(--grid)\" vector-effect=\"non-scaling-stroke\"/>", path);
}

std::string ruler(const ReportData& data) {
  std::string marks;
  for (const double t : ticks(seconds(data.length, data.rate)))
    marks += fmt::format("<span{} style=\"left:{:.2f}%\">{}</span>", t == 0.0 ? " class=\"first\"" : "", percent_of(data, t),
                         timecode_text(data, SamplePosition{} + samples(t, data.rate)));
  return lane("ruler", "", marks);
}

std::string finding_marks(const ReportData& data) {
  std::string marks;
  int shown = 0;
  // The worst lie on top.
  for (std::size_t i = data.findings.size(); i-- > 0;) {
    const phases::Finding& f = data.findings[i];
    if (!f.where || ++shown > kMostMarks) continue;
    const double from = percent_of(data, seconds(f.where->begin, data.rate)), to = percent_of(data, seconds(f.where->end, data.rate));
    const char* severity = f.severity == phases::Severity::Error ? "error" : f.severity == phases::Severity::Warning ? "warning" : "note";
    marks += fmt::format("<a class=\"{}\" href=\"#{}\" style=\"left:{:.2f}%;width:{:.2f}%\" title=\"{} {}\"></a>", severity, finding_anchor(i), from,
                         std::max(0.0, std::min(100.0, to) - from), timecode_text(data, f.where->begin), escaped(f.message));
  }
  return marks.empty() ? std::string() : lane("marks", "Findings", marks);
}

float greatest_of(const ReportWave& w) {
  float most = 0.0f;
  for (const media::Peak& p : w.outline) most = std::max({most, p.most, -p.least});
  return most;
}

/// Upper and lower edge of a waveform, `full` filling the lane: a power law, so that quiet places are seen too.
std::string outline_path(const std::vector<media::Peak>& peaks, bool rms, float full) {
  const auto height_of = [full](float amplitude) { return 48.0 * std::pow(std::min(1.0, std::fabs(static_cast<double>(amplitude / full))), 0.6); };
  std::string path = "M0 50";
  const double step = 1000.0 / static_cast<double>(peaks.size());
  const auto level = [&](std::size_t i, bool upper) {
    if (rms) return height_of(peaks[i].rms());
    return height_of(upper ? std::max(0.0f, peaks[i].most) : std::max(0.0f, -peaks[i].least));
  };
  for (std::size_t i = 0; i < peaks.size(); ++i) path += fmt::format("L{:.1f} {:.1f}", (static_cast<double>(i) + 0.5) * step, 50.0 - level(i, true));
  path += "L1000 50";
  for (std::size_t i = peaks.size(); i-- > 0;) path += fmt::format("L{:.1f} {:.1f}", (static_cast<double>(i) + 0.5) * step, 50.0 + level(i, false));
  return path + "Z";
}

std::string wave(const ReportData& data, const ReportWave& w, float full) {
  const float most = greatest_of(w);
  double power = 0.0;
  for (const media::Peak& p : w.outline) power += static_cast<double>(p.mean_square);
  const std::string label = fmt::format("<b style=\"color:var(--{})\">{}</b>", w.colour, escaped(w.name));
  if (most < 1e-5f) return lane("wave silent", label, "<span class=\"none\">nothing in this stem</span>");
  const double rms_db = 10.0 * std::log10(power / static_cast<double>(w.outline.size()));
  const std::string svg = fmt::format(
      "<svg viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Waveform of {}\">{}"
      "<g fill=\"var(--{})\"><path d=\"{}\" opacity=\".38\"/><path d=\"{}\" opacity=\".9\"/></g></svg>",
      escaped(w.name), grid_lines(data, 100), w.colour, outline_path(w.outline, false, full), outline_path(w.outline, true, full));
  return lane(w.colour == "mix" ? "wave mix" : "wave", label, svg,
              fmt::format("{} dBFS<br>rms {}", number(level_of(static_cast<double>(most)).value, 1), number(rms_db, 1)));
}

std::string speech_lane(const ReportData& data) {
  std::string bars;
  for (const SampleRange& r : data.speech) {
    const double from = percent_of(data, seconds(r.begin, data.rate));
    bars += fmt::format("<i style=\"left:{:.2f}%;width:{:.2f}%\"></i>", from, percent_of(data, seconds(r.end, data.rate)) - from);
  }
  return bars.empty() ? std::string() : lane("speech", "Speech", bars);
}

/// The scale of the loudness chart.
struct Scale {
  double top = 0, bottom = -60;
  double y(double lufs) const { return 100.0 * (top - std::clamp(lufs, bottom, top)) / (top - bottom); }
};

std::string line(const std::vector<float>& values, const Scale& scale, bool greatest) {
  if (values.empty()) return {};
  const std::size_t points = std::min(kMostPoints, values.size());
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < points; ++i) {
    const std::size_t from = i * values.size() / points, to = std::max(from + 1, (i + 1) * values.size() / points);
    float value = values[to - 1];
    if (greatest)
      for (std::size_t k = from; k < to; ++k) value = std::max(value, values[k]);
    const double lufs = static_cast<double>(value), x = 1000.0 * static_cast<double>(to) / static_cast<double>(values.size());
    const bool visible = lufs > scale.bottom;  // silence leaves a gap
    if (visible || drawing) path += fmt::format("{}{:.1f} {:.2f}", drawing ? "L" : "M", x, visible ? scale.y(lufs) : 100.0);
    drawing = visible;
  }
  return path;
}

std::string limit_line(const Scale& scale, double lufs, const char* colour, const char* dash) {
  return fmt::format("<path d=\"M0 {0:.2f}H1000\" fill=\"none\" stroke=\"var(--{1})\" stroke-dasharray=\"{2}\" vector-effect=\"non-scaling-stroke\"/>", scale.y(lufs), colour, dash);
}

std::string loudness_lane(const ReportData& data) {
  if (data.short_term.empty()) return {};
  const double target = judged_target(data.spec, data.figures).value, tolerance = data.spec.tolerance.value;
  Scale scale;
  const double loudest = std::isfinite(data.figures.programme.max_momentary.value) ? data.figures.programme.max_momentary.value : target;
  scale.top = 5.0 * std::ceil((std::max({loudest, target + 6.0, data.spec.max_short_term.value_or(Lufs{-200}).value}) + 1.0) / 5.0);
  scale.bottom = 10.0 * std::floor((target - 27.0) / 10.0);
  std::string svg = "<svg viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Loudness over time\">" + grid_lines(data, 100);
  std::string labels;
  for (double lufs = scale.top; lufs >= scale.bottom; lufs -= 10.0) {
    svg += fmt::format("<path d=\"M0 {:.2f}H1000\" fill=\"none\" stroke=\"var(--grid)\" vector-effect=\"non-scaling-stroke\"/>", scale.y(lufs));
    if (std::fabs(lufs - target) > 2.5) labels += fmt::format("<span class=\"y\" style=\"top:{:.2f}%\">{}</span>", scale.y(lufs), number(lufs, 0));
  }
  // A band of 0.2 LU would be thinner than its line.
  const double half = std::max(tolerance, 0.006 * (scale.top - scale.bottom));
  svg += fmt::format("<rect x=\"0\" width=\"1000\" y=\"{:.2f}\" height=\"{:.2f}\" fill=\"var(--band)\"/>", scale.y(target + half), scale.y(target - half) - scale.y(target + half));
  labels += fmt::format("<span class=\"y target\" style=\"top:{:.2f}%\">{} LUFS</span>", scale.y(target), number(target, std::floor(target) == target ? 0 : 1));
  svg += limit_line(scale, target, "target", "none");
  if (data.spec.max_short_term) svg += limit_line(scale, data.spec.max_short_term->value, "fail", "5 4");
  if (data.spec.max_momentary) svg += limit_line(scale, data.spec.max_momentary->value, "fail", "2 4");
  const auto draw = [&](const std::string& path, const char* colour, double width, double opacity) {
    svg += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"var(--{})\" stroke-width=\"{}\" stroke-linejoin=\"round\" opacity=\"{}\" vector-effect=\"non-scaling-stroke\"/>", path, colour, width, opacity);
  };
  draw(line(data.momentary, scale, true), "faint", 1.1, 0.8);
  draw(line(data.short_term, scale, true), "dialogue", 1.7, 1);
  draw(line(data.integrated, scale, false), "ink", 2.2, 1);
  svg += "</svg>" + labels;
  std::string key = "<b>Loudness</b><div class=\"key\">momentary<i class=\"m\"></i></div><div class=\"key\">short-term<i class=\"s\"></i></div>"
                    "<div class=\"key\">programme<i class=\"i\"></i></div><div class=\"key\">target<i class=\"b\"></i></div>";
  return lane("loud", key, svg);
}

}  // namespace

std::string timeline_section(const ReportData& data) {
  if (data.length.value <= 0) return {};
  std::string html = "<div class=\"card timeline\">\n" + filmstrip(data) + ruler(data) + finding_marks(data);
  float full = 1e-4f;
  for (const ReportWave& w : data.waves) full = std::max(full, greatest_of(w));
  for (const ReportWave& w : data.waves)
    if (!w.outline.empty()) html += wave(data, w, full);
  return html + speech_lane(data) + loudness_lane(data) + "</div>\n";
}

}  // namespace twopop::deliver::detail

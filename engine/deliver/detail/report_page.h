#pragma once

#include "deliver/report.h"

#include <string>

/// The parts of the report's page. Each gives HTML.
namespace twopop::deliver::detail {

/// The style sheet.
std::string_view report_style();

/// Timecode of a place in the film.
std::string timecode_text(const ReportData& data, SamplePosition at);
/// "00:00:10:00 – 00:00:12:05"; empty if there is no range.
std::string range_text(const ReportData& data, const std::optional<SampleRange>& range);
/// Place in the film's length, in percent.
double percent_of(const ReportData& data, double time_s);

/// Pictures, ruler, waveforms and loudness over one common time axis.
std::string timeline_section(const ReportData& data);
std::string verdict_section(const ReportData& data);
std::string board_section(const ReportData& data);
std::string findings_section(const ReportData& data);
std::string sync_section(const ReportData& data);
std::string treatments_section(const ReportData& data);
std::string table_section(const ReportTable& table);
std::string files_section(const ReportData& data);

/// Anchor of a finding on the page.
std::string finding_anchor(std::size_t index);

}  // namespace twopop::deliver::detail

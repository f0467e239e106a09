#pragma once

#include "deliver/report.h"
#include "session/document.h"

namespace twopop::deliver::detail {

/// What a finding is about, for people: the file behind the path of a session item, or the text as it is.
std::string item_name(const session::Document& document, const std::string& item);
std::vector<ReportSync> sync_rows(const session::Document& document);
/// ADR cues, Foley cues, music cue sheet and licences, in this order.
std::vector<ReportTable> sheets(const session::Document& document);

}  // namespace twopop::deliver::detail

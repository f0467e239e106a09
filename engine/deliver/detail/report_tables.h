#pragma once

#include "deliver/report.h"
#include "session/document.h"

namespace twopop::deliver::detail {

std::vector<ReportSync> sync_rows(const session::Document& document);
/// ADR cues, Foley cues, music cue sheet and licences, in this order.
std::vector<ReportTable> sheets(const session::Document& document);

}  // namespace twopop::deliver::detail

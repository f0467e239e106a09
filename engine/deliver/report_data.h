#pragma once

#include "deliver/build.h"
#include "deliver/report.h"

namespace twopop::deliver {

/// Gathers what the report shows from a build: outlines of the stems (kept chunk by chunk), loudness over time, pictures,
/// sheets. What fails to be read (a picture that moved) is left out.
Result<ReportData> report_of(const BuildPlace& place, const BuildOutcome& build);

/// Writes `report.html` into the folder of deliverables and adds it to the build's outputs.
Result<void> write_report(const BuildPlace& place, BuildOutcome& build);

}  // namespace twopop::deliver

#pragma once

#include "api/values_pages.h"
#include "phases/phase.h"
#include "signal/signals.h"

/// Facts and sounds that the pages of the phases ask for. Functions of a document; what is dear is kept in the film's cache.
namespace twopop::server {

KindTables kind_tables();
std::vector<SpecificationInfo> specification_infos();

/// What can be heard of a dialogue clip: as it was recorded (fades and gain on it), or with its repairs.
enum class ClipStage { Recorded, Repaired };
/// A clip by itself, in film time, mono. Fails with NotFound.
Result<signal::Signal> clip_by_itself(const phases::Context& context, const session::Id& clip, ClipStage stage);

/// What can be heard of an ADR take: the production line it is to replace, the take as it was spoken, or stretched onto the line.
enum class TakeStage { Line, Spoken, Fitted };
/// Fails with NotFound, and with Conflict where the take was refused and so was not fitted.
Result<signal::Signal> take_by_itself(const phases::Context& context, const session::Id& take, TakeStage stage);
Result<TakeFitInfo> take_fit(const phases::Context& context, const session::Id& take);

Result<PerformedInfo> performance_facts(const phases::Context& context, const session::Id& performance);
Result<CueFitInfo> music_fit(const phases::Context& context, const session::Id& cue);

}  // namespace twopop::server

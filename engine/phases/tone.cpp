#include "phases/tone.h"

#include "analysis/loop_plan.h"
#include "core/bytes.h"

namespace twopop::phases {

Result<signal::Signal> looped_tone(const Context& context, const ToneSource& tone, SampleRange extent, std::uint64_t seed) {
  const SampleCount length = samples(tone.out_s - tone.in_s, context.document.rate);
  TWOPOP_TRY(const signal::Signal sound, media_on_session_clock(context, tone.media, tone.channel, tone.in_s, 0, length));
  const SampleRange whole{{0}, {length.value}};
  TWOPOP_TRY(const Hash content, context.work.content(sound, whole));
  // Read here: a measurement that waits for other tasks could wait for its own worker.
  TWOPOP_TRY(const AudioBuffer<float> recording, context.work.read(sound, whole));
  const auto plan = [&]() -> Result<cache::Bytes> {
    analysis::LoopSettings settings;
    settings.seed = seed;
    settings.turn_s = 120;
    settings.without_events = true;
    TWOPOP_TRY(const analysis::LoopFacts facts, analysis::plan_loop(recording.view(), context.document.rate, settings));
    ByteWriter writer;
    writer.put(facts.plan.list.pieces).put(static_cast<std::int32_t>(facts.plan.list.cyclic));
    return writer.take();
  };
  const std::string name = context.document.media.at(tone.media).name;
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fmt::format("tone loop of {} at {:.2f} s", name, tone.in_s), "tone loop", 1, Hasher().add(content).add(seed).finish(), plan));
  ByteReader reader(*blob);
  dsp::SpliceList list;
  list.pieces = reader.vector<dsp::SplicePiece>();
  list.cyclic = reader.get<std::int32_t>() != 0;
  if (!reader.ok()) return Error{Code::Damaged, fmt::format("the kept loop of {} cannot be read", name), "remove the film's cache folder"};
  return signal::spliced(sound, std::move(list), extent);
}

}  // namespace twopop::phases

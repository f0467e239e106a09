#pragma once

#include "film/film_core.h"
#include "film/take_spool.h"

namespace twopop::server {

/// Takes of one film, from the first byte to the place in its session. Any thread.
///
/// A take belongs to the person who began it. It is finished once its checksum holds: a WAV sample for sample as it was sent, a
/// media of kind take, and an ADR take or a Foley performance that lies where the page's clock, the calibrated latency and the
/// beeps in the take say. Each step may be asked for again after anything broke off.
class Takes {
 public:
  explicit Takes(FilmCore& core, SpoolLimits limits = {});

  Result<TakeOffset> start(const TakeStart& start, const Identity& who);
  Result<TakeOffset> offset(const std::string& id, const Identity& who);
  Result<TakeSpool::Appended> append(const std::string& id, std::int64_t at, BodyReader& body, const Identity& who);
  /// Conflict where bytes are missing, Damaged where the checksum differs: the take is empty again then and must be sent anew.
  Result<TakeResult> finish(const std::string& id, const TakeFinish& finish, const Identity& who);
  Result<void> give_up(const std::string& id, const Identity& who);

 private:
  Result<SpoolMeta> own(const std::string& id, const Identity& who) const;
  Result<TakeResult> into_film(const std::string& id, const SpoolMeta& meta, const TakeFinish& finish);
  void ask_guide(const session::Document& document, const session::AdrCue& cue, session::AdrTake& take, TakeResult& result);

  FilmCore& core_;
  TakeSpool spool_;
};

/// Who may open which film of the server, for routes that anybody with the right may ask.
using FindTakes = std::function<Result<std::shared_ptr<Takes>>(const std::string& film)>;
std::vector<Route> take_routes(FindTakes find);

}  // namespace twopop::server

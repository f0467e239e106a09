#include "film/jobs.h"

#include "deliver/explanations.h"
#include "deliver/moment.h"
#include "deliver/wav_file.h"
#include "film/caught.h"
#include "session/json.h"
#include "session/patch.h"

namespace twopop::server {
namespace {

constexpr std::size_t kMostWaiting = 20;
constexpr std::size_t kMostRemembered = 50;

bool is_phase(const std::string& name) {
  for (const phases::Phase* phase : phases::order_of_operations())
    if (name == phase->name()) return true;
  return false;
}

/// A name that is safe as a file's.
std::string file_name(const std::string& text) {
  std::string name;
  for (const char c : text) name += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ? c : '-';
  while (name.starts_with('.')) name.erase(0, 1);
  return name.empty() ? "sound" : name.substr(0, 80);
}

}  // namespace

Jobs::Jobs(FilmCore& core, FilmCompiler& compiler) : core_(core), compiler_(compiler) {
  thread_ = std::thread([this] { work(); });
}

Jobs::~Jobs() {
  {
    // Under the lock, or the thread may miss it between its last look and its sleep.
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<Job> Jobs::start(const JobRequest& request, const std::string& author) {
  if (request.kind == JobKind::Spot && !request.phase.empty() && !is_phase(request.phase))
    return Error{Code::NotFound, fmt::format("there is no phase '{}'", request.phase), "the phases are dialogue, adr, design, foley, music and mix"};
  if (request.range && request.range->empty()) return Error{Code::InvalidArgument, "the range to render is empty", "give its end behind its begin"};
  auto entry = std::make_shared<Entry>();
  entry->request = request;
  entry->job.kind = request.kind;
  entry->job.phase = request.phase;
  entry->job.sound = request.sound;
  entry->job.author = author;
  entry->job.queued_at = utc_text(std::chrono::system_clock::now());
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting) return Error{Code::Busy, fmt::format("{} jobs are waiting", waiting_.size()), "cancel one, or wait for one to end"};
    entry->job.id = fmt::format("j{}", next_id_++);
    waiting_.push_back(entry);
  }
  changed_.notify_all();
  tell(*entry);
  const std::lock_guard lock(mutex_);
  return entry->job;
}

std::vector<Job> Jobs::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Job> jobs;
  for (auto it = waiting_.rbegin(); it != waiting_.rend(); ++it) jobs.push_back((*it)->job);
  if (running_) jobs.push_back(running_->job);
  for (const EntryRef& entry : ended_) jobs.push_back(entry->job);
  return jobs;
}

Result<Job> Jobs::find(const std::string& id) const {
  for (Job& job : list())
    if (job.id == id) return std::move(job);
  return Error{Code::NotFound, fmt::format("there is no job '{}'", id), "the list of jobs has those there are"};
}

Result<Job> Jobs::cancel(const std::string& id) {
  EntryRef found;
  {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->job.id == id) found = running_;
    for (auto it = waiting_.begin(); it != waiting_.end() && !found; ++it)
      if ((*it)->job.id == id) {
        found = *it;
        waiting_.erase(it);
        found->job.state = JobState::Cancelled;
        found->job.ended_at = utc_text(std::chrono::system_clock::now());
        ended_.push_front(found);
        break;
      }
    if (!found) return Error{Code::NotFound, fmt::format("no job '{}' is waiting or running", id), "the list of jobs has those there are"};
    found->cancelled = true;
  }
  tell(*found);
  const std::lock_guard lock(mutex_);
  return found->job;
}

void Jobs::tell(const Entry& entry) {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = session::write_json(entry.job, session::JsonLayout::Compact);
  }
  core_.tell(fmt::format(R"({{"type":"job","job":{}}})", text));
}

void Jobs::stage(Entry& entry, const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    entry.job.message = name;
    entry.job.progress = 0;
    entry.job.seconds_left.reset();
  }
  tell(entry);
}

void Jobs::progress(Entry& entry, const cache::Progress& progress) {
  {
    const std::lock_guard lock(mutex_);
    const double share = progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total) : 0;
    // A step is many runs, of which most take no time: they would make the bar jump.
    if (progress.total < 2 || progress.elapsed_s < 0.2) return;
    entry.job.progress = std::clamp(share, 0.0, 1.0);
    entry.job.seconds_left = std::clamp(progress.left_s, 0.0, 1e9);
  }
  tell(entry);
}

void Jobs::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || core_.closing || !waiting_.empty(); });
    if (ending_ || core_.closing) return;
    running_ = waiting_.front();
    waiting_.pop_front();
    const EntryRef entry = running_;
    entry->job.state = JobState::Running;
    core_.job_running = true;
    lock.unlock();
    tell(*entry);
    Result<JobOutcome> outcome = caught([&] { return run(*entry); });
    core_.job_running = false;
    lock.lock();
    Job& job = entry->job;
    job.seconds_left.reset();
    job.ended_at = utc_text(std::chrono::system_clock::now());
    if (outcome) {
      job.state = JobState::Done;
      job.progress = 1;
      job.message.clear();
      job.outcome = *std::move(outcome);
    } else {
      job.state = entry->cancelled || outcome.error().code == Code::Cancelled ? JobState::Cancelled : JobState::Failed;
      job.message = job.state == JobState::Cancelled ? "stopped" : outcome.error().message;
      job.remedy = job.state == JobState::Cancelled ? "" : outcome.error().remedy;
    }
    running_.reset();
    ended_.push_front(entry);
    if (ended_.size() > kMostRemembered) ended_.pop_back();
    lock.unlock();
    tell(*entry);
    lock.lock();
  }
}

cache::RunScope::Stop Jobs::stop_of(const Entry& entry) {
  return [this, &entry] { return ending_ || core_.closing || entry.cancelled; };
}

cache::RunScope::Tell Jobs::tell_of(Entry& entry) {
  return [this, &entry](const cache::Progress& p) { progress(entry, p); };
}

Result<JobOutcome> Jobs::run(Entry& entry) {
  const cache::RunScope scope(stop_of(entry), tell_of(entry));
  switch (entry.request.kind) {
    case JobKind::Build: return build(entry);
    case JobKind::Spot: return spot(entry);
    case JobKind::Render: return render(entry);
  }
  return Error{Code::InvalidArgument, "an unknown kind of job"};
}

Result<JobOutcome> Jobs::build(Entry& entry) {
  // Why each place was or was not made again: of this build alone, the last word of each.
  std::map<std::string, cache::Explanation> why;
  const cache::RunScope scope(stop_of(entry), tell_of(entry), [&](const cache::Explanation& e) {
    const auto [at, first] = why.try_emplace(e.identity, e);
    if (!first && e.reason != cache::Reason::UpToDate) at->second = e;
  });
  // What the build proposes is committed on what it last saw: edits that people make meanwhile are merged, or collide and say so.
  session::Head seen = core_.session.head();
  const session::Document before = *seen.document;
  const deliver::BuildPlace place{core_.folder, *core_.work,
                                  [&](const session::Document& next, const std::string& reason) -> Result<void> {
                                    if (entry.cancelled) return Error{Code::Cancelled, "stopped on request"};
                                    TWOPOP_TRY(const std::int64_t revision, core_.session.commit(seen, next, "twopop", reason, session::By::Auto));
                                    seen = {revision, std::make_shared<const session::Document>(next)};
                                    return {};
                                  },
                                  [&](const std::string& name) { stage(entry, name); }, tell_of(entry)};
  TWOPOP_TRY(const deliver::BuildOutcome built, deliver::build_film(before, place));
  deliver::ExplanationKeeper keeper(core_.work->store());
  for (const auto& [identity, explanation] : why) keeper.add(explanation);
  TWOPOP_CHECK(keeper.finish());
  TWOPOP_CHECK(core_.work->store().sync());
  if (core_.session.head().revision == seen.revision) compiler_.adopt(seen.revision, built);
  JobOutcome outcome{seen.revision, static_cast<int>(built.accepted.size()), static_cast<int>(built.findings.size()), true, {}, built.measure.master.figures.programme.integrated,
                     built.measure.master.figures.programme.true_peak};
  for (const deliver::Check& check : built.checks) outcome.passed = outcome.passed && check.pass;
  if (built.coded) outcome.passed = outcome.passed && built.coded->under_ceiling;
  for (const deliver::Output& output : built.outputs) outcome.outputs.push_back(output.path.lexically_relative(core_.folder / "out").generic_string());
  return outcome;
}

Result<JobOutcome> Jobs::spot(Entry& entry) {
  const session::Head base = core_.session.head();
  TWOPOP_TRY(const deliver::Specification spec, deliver::specification_of(*base.document));
  const phases::FilmPlace place{core_.folder, *core_.work, deliver::limiter_ceiling(spec)};
  TWOPOP_TRY(const phases::SpotOutcome spotted, phases::spot_film(*base.document, place, entry.request.phase, [&](std::string_view phase) { stage(entry, fmt::format("spotting {}", phase)); }));
  if (entry.cancelled) return Error{Code::Cancelled, "stopped on request"};
  TWOPOP_TRY(const std::int64_t revision, core_.session.commit(base, spotted.document, "twopop", "proposals of analysis, accepted by " + entry.job.author, session::By::Auto));
  return JobOutcome{revision, static_cast<int>(spotted.accepted.size()), static_cast<int>(spotted.findings.size()), true, {}, {}, {}};
}

Result<JobOutcome> Jobs::render(Entry& entry) {
  stage(entry, "rendering");
  const session::Head head = core_.session.head();
  TWOPOP_TRY(const deliver::Specification spec, deliver::specification_of(*head.document));
  const phases::FilmPlace place{core_.folder, *core_.work, deliver::limiter_ceiling(spec)};
  TWOPOP_TRY(const phases::Whole whole, phases::compile_film(*head.document, place));
  const std::string name = entry.request.sound.empty() ? "mix" : entry.request.sound;
  deliver::WavDeliverable wav;
  TWOPOP_TRY(wav.sound, deliver::sound_named(whole, name));
  wav.film = intersection(entry.request.range.value_or(head.document->extent()), head.document->extent());
  if (wav.film.empty()) return Error{Code::InvalidArgument, "the range to render lies outside the film", "give one inside it"};
  wav.rate = head.document->rate;
  const std::string file = fmt::format("renders/{}-r{}-{}-{}.wav", file_name(name), head.revision, wav.film.begin.value, wav.film.end.value);
  wav.path = core_.folder / "out" / file;
  std::error_code ignored;
  std::filesystem::create_directories(wav.path.parent_path(), ignored);
  wav.bext.description = fmt::format("{} {}", head.document->name, name);
  wav.bext.time_reference = std::max<std::int64_t>(0, sample_of_frame(head.document->start_frame, head.document->frames, wav.rate, Rounding::Nearest).value + wav.film.begin.value);
  TWOPOP_CHECK(deliver::write_wav(*core_.work, wav));
  return JobOutcome{head.revision, 0, 0, true, {file}, {}, {}};
}

Result<Proposals> Jobs::proposals(const std::string& phase, const Stop& stop) {
  if (!phase.empty() && !is_phase(phase)) return Error{Code::NotFound, fmt::format("there is no phase '{}'", phase), "the phases are dialogue, adr, design, foley, music and mix"};
  TWOPOP_TRY(const Gate::Pass pass, proposing_.enter(stop));
  const cache::RunScope scope([&] { return ending_ || core_.closing || (stop && stop()); });
  const session::Head base = core_.session.head();
  TWOPOP_TRY(const deliver::Specification spec, deliver::specification_of(*base.document));
  const phases::FilmPlace place{core_.folder, *core_.work, deliver::limiter_ceiling(spec)};
  TWOPOP_TRY(const phases::SpotOutcome spotted, phases::spot_film(*base.document, place, phase));
  Proposals proposals{base.revision, phase, {}, {}, session::patch_json(session::difference(*base.document, spotted.document))};
  for (const phases::Proposed& item : spotted.accepted) proposals.items.push_back({item.path, item.reason, std::clamp(item.confidence, 0.0, 1.0)});
  for (const phases::Finding& finding : phases::in_order(spotted.findings)) proposals.findings.push_back(value_of(finding, *base.document));
  return proposals;
}

}  // namespace twopop::server

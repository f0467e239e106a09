#include "film/compiled_film.h"

#include "film/caught.h"

#include <sys/resource.h>

namespace twopop::server {

BoardFinding value_of(const phases::Finding& f, const session::Document& document) {
  BoardFinding value{f.severity, f.phase, f.code, {}, f.item, f.message, f.remedy, f.unit.empty() || !std::isfinite(f.figure) ? 0 : f.figure, f.unit};
  if (f.where) value.where = deliver::stretch_of(*f.where, document);
  return value;
}

namespace {

using Clock = std::chrono::steady_clock;
/// Edits that follow each other faster are looked at together.
constexpr auto kSettle = std::chrono::milliseconds(150);
/// No edit waits longer than this to be looked at.
constexpr auto kLongestSettle = std::chrono::seconds(3);
/// After work that nobody waits for, so many times as long is left to others.
constexpr int kRest = 3;
/// A board older than this is brought up to date even while edits go on.
constexpr auto kOldest = std::chrono::seconds(15);
/// Loudness is kept up to date so long after somebody asked for it.
constexpr auto kLoudnessKept = std::chrono::minutes(2);

BoardPhase phase_value(const phases::PhaseStatus& row, const session::Document& document) {
  BoardPhase value{row.phase, PhaseState::Open, row.staleness, {}, row.items, row.by_person, row.open, row.findings, {}, {}, {}, {}};
  switch (row.staleness) {
    case phases::Staleness::UpToDate: value.state = PhaseState::Approved; break;
    case phases::Staleness::DecisionChanged:
    case phases::Staleness::EngineChanged: value.state = PhaseState::Stale; break;
    case phases::Staleness::NotApproved: value.state = row.items > 0 && row.open == 0 ? PhaseState::Done : PhaseState::Open; break;
  }
  value.summary = fmt::format("{} items, {} by people, {} open", row.items, row.by_person, row.open);
  if (const auto approval = document.approvals.find(row.phase); approval != document.approvals.end()) {
    value.approved_by = approval->second.who;
    value.approved_at = approval->second.when;
    value.note = approval->second.note;
  }
  for (const SampleRange& range : row.stale) value.stale.push_back(deliver::stretch_of(range, document));
  return value;
}

Board board_of(const CompiledFilm& film, const std::vector<phases::PhaseStatus>& rows, const std::vector<phases::Finding>& findings, bool complete) {
  Board board{film.revision, complete, {}, {}};
  for (const phases::PhaseStatus& row : rows) board.phases.push_back(phase_value(row, *film.document));
  for (const phases::Finding& finding : findings) board.findings.push_back(value_of(finding, *film.document));
  return board;
}

}  // namespace

FilmCompiler::FilmCompiler(FilmCore& core) : core_(core), wanted_(core.session.head().revision) {
  compiling_ = std::thread([this] { compile_revisions(); });
  reviewing_ = std::thread([this] { review_revisions(); });
}

FilmCompiler::~FilmCompiler() {
  {
    // Under the lock, or the thread may miss it between its last look and its sleep.
    const std::lock_guard lock(mutex_);
    core_.closing = true;
  }
  changed_.notify_all();
  compiling_.join();
  reviewing_.join();
}

void FilmCompiler::revised() {
  const std::int64_t newest = core_.session.head().revision;
  {
    const std::lock_guard lock(mutex_);
    newest_ = wanted_ = std::max(wanted_, newest);
    revised_at_ = Clock::now();
  }
  changed_.notify_all();
}

Result<CompiledRef> FilmCompiler::newest(std::chrono::milliseconds patience, const Stop& stop) {
  const std::int64_t wanted = core_.session.head().revision;
  const Clock::time_point until = Clock::now() + patience;
  std::unique_lock lock(mutex_);
  if (wanted > wanted_) {
    newest_ = wanted_ = wanted;
    changed_.notify_all();
  }
  struct Asking {
    int& count;
    explicit Asking(int& c) : count(c) { ++count; }
    ~Asking() { --count; }
  };
  std::optional<Asking> asking;
  for (;;) {
    if (compiled_ && compiled_->revision >= wanted) return compiled_;
    if (failed_ && failed_->first >= wanted) return failed_->second;
    if (core_.closing || (stop && stop())) return Error{Code::Cancelled, "nobody waits for it any more"};
    const Clock::time_point now = Clock::now();
    if (now >= until) break;
    if (!asking) {
      asking.emplace(asking_);
      changed_.notify_all();
    }
    changed_.wait_for(lock, std::min<Clock::duration>(until - now, std::chrono::milliseconds(100)));
  }
  if (compiled_) return compiled_;
  return Error{Code::Busy, "the film is being looked at for the first time", "ask again in a second"};
}

void FilmCompiler::compile_revisions() {
  const cache::RunScope scope([this] { return core_.closing.load(); });
  Clock::time_point rested{};
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto known = [this] { return std::max(compiled_ ? compiled_->revision : -1, failed_ ? failed_->first : -1); };
    changed_.wait(lock, [&] { return core_.closing || known() < wanted_; });
    const Clock::time_point behind = Clock::now();
    while (!core_.closing && compiled_ && asking_ == 0) {
      const Clock::time_point due = std::max(std::min(revised_at_ + kSettle, behind + kLongestSettle), rested);
      if (Clock::now() >= due) break;
      changed_.wait_until(lock, due);
    }
    if (core_.closing) return;
    lock.unlock();
    const Clock::time_point begin = Clock::now();
    const session::Head head = core_.session.head();
    auto film = std::make_shared<CompiledFilm>();
    film->revision = head.revision;
    film->document = head.document;
    const auto compile = [&]() -> Result<void> {
      TWOPOP_TRY(film->spec, deliver::specification_of(*head.document));
      TWOPOP_TRY(film->whole, phases::compile_film(*head.document, film->place(core_)));
      return {};
    };
    const Result<void> done = caught(compile);
    rested = Clock::now() + kRest * (Clock::now() - begin);
    lock.lock();
    if (done) {
      compiled_ = std::move(film);
      failed_.reset();
    } else {
      failed_.emplace(head.revision, done.error());
    }
    newest_ = wanted_ = std::max(wanted_, head.revision);
    changed_.notify_all();
  }
}

void FilmCompiler::publish(Board board) {
  const std::string told = fmt::format(R"({{"type":"board","revision":{},"complete":{}}})", board.revision, board.complete);
  {
    const std::lock_guard lock(mutex_);
    if (board_ && board_->revision > board.revision) return;
    if (board.complete) complete_at_ = Clock::now();
    board_ = std::move(board);
  }
  core_.tell(told);
}

std::optional<Board> FilmCompiler::board() const {
  const std::lock_guard lock(mutex_);
  return board_;
}

void FilmCompiler::adopt(std::int64_t revision, const deliver::BuildOutcome& build) {
  CompiledFilm film;
  film.revision = revision;
  film.document = std::make_shared<const session::Document>(build.document);
  publish(board_of(film, build.board, build.findings, true));
}

FilmCompiler::LoudnessRef FilmCompiler::loudness() {
  const std::lock_guard lock(mutex_);
  loudness_wanted_at_ = Clock::now();
  changed_.notify_all();
  return loudness_;
}

void FilmCompiler::review_revisions() {
  // Of this thread only (Linux): what people wait for goes first.
  ::setpriority(PRIO_PROCESS, 0, 5);
  Clock::time_point rested{};
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait_until(lock, rested, [this] { return core_.closing.load(); });
    const auto board_due = [this] { return compiled_ && review_failed_at_ != compiled_->revision && (!board_ || board_->revision < compiled_->revision || !board_->complete); };
    const auto loudness_due = [this] {
      return compiled_ && Clock::now() - loudness_wanted_at_ < kLoudnessKept && loudness_wanted_at_ != Clock::time_point{} && loudness_failed_at_ != compiled_->revision &&
             (!loudness_ || loudness_->film->revision < compiled_->revision);
    };
    changed_.wait_for(lock, std::chrono::milliseconds(500), [&] { return core_.closing || (!core_.job_running && (board_due() || loudness_due())); });
    if (core_.closing) return;
    if (core_.job_running) continue;
    if (board_due()) {
      if (board_ && changed_.wait_for(lock, kSettle, [&] { return core_.closing.load(); })) return;
      const CompiledRef film = compiled_;
      lock.unlock();
      const Clock::time_point begin = Clock::now();
      const auto reviewed = caught([&]() -> Result<void> {
        review(film);
        return {};
      });
      if (!reviewed) review_failed(*film, reviewed.error());
      rested = Clock::now() + std::min<Clock::duration>(kRest * (Clock::now() - begin), kLongestSettle);
      lock.lock();
    } else if (loudness_due()) {
      const CompiledRef film = compiled_;
      lock.unlock();
      const auto measured = caught([&]() -> Result<void> {
        measure(film);
        return {};
      });
      lock.lock();
      if (!measured) loudness_failed_at_ = film->revision;
    }
  }
}

/// Stops for the end, for a job, and for a newer revision unless the board is old.
void FilmCompiler::review(const CompiledRef& film) {
  const phases::FilmPlace place = film->place(core_);
  bool give_way = false;
  {
    const std::lock_guard lock(mutex_);
    give_way = Clock::now() - complete_at_ < kOldest;
  }
  const cache::RunScope scope([&] { return core_.closing || core_.job_running || (give_way && newest_ > film->revision); });

  // Counting takes no time; what must be heard first comes later, and until then what was known of it stays.
  session::Document unapproved = *film->document;
  unapproved.approvals.clear();
  const std::vector<phases::Finding> met = phases::in_order(film->whole.findings);
  auto rows = phases::status_of(unapproved, place, film->whole, met);
  if (!rows) return review_failed(*film, rows.error());
  Board quick = board_of(*film, *rows, met, false);
  if (const auto before = board()) {
    for (BoardPhase& row : quick.phases)
      for (const BoardPhase& old : before->phases)
        if (row.name == old.name && row.approved_by) row.approval = old.approval, row.state = old.state, row.stale = old.stale;
    if (before->revision == film->revision && before->complete) return;
    quick.findings = before->findings;
  }
  publish(std::move(quick));

  auto findings = phases::review_film(*film->document, place, film->whole);
  if (!findings) return review_failed(*film, findings.error());
  rows = phases::status_of(*film->document, place, film->whole, *findings);
  if (!rows) return review_failed(*film, rows.error());
  publish(board_of(*film, *rows, *findings, true));
}

/// What was stopped is tried again; what failed would fail again until the film changes.
void FilmCompiler::review_failed(const CompiledFilm& film, const Error& error) {
  if (error.code == Code::Cancelled) return;
  const std::lock_guard lock(mutex_);
  review_failed_at_ = film.revision;
}

void FilmCompiler::measure(const CompiledRef& film) {
  const cache::RunScope scope([&] { return core_.closing || core_.job_running; });
  auto found = std::make_shared<Loudness>();
  found->film = film;
  found->speech = deliver::speech_of(film->whole);
  auto measured = deliver::measure_mix(*core_.work, *film->document, film->whole.mix, found->speech);
  {
    const std::lock_guard lock(mutex_);
    if (!measured) {
      if (measured.error().code != Code::Cancelled) loudness_failed_at_ = film->revision;
      return;
    }
    found->measure = *std::move(measured);
    loudness_ = std::move(found);
  }
  core_.tell(fmt::format(R"({{"type":"loudness","revision":{}}})", film->revision));
}

}  // namespace twopop::server

#include "film/film_service.h"

#include "api/values.h"
#include "film/views.h"
#include "phases/mix/live_mix.h"
#include "session/json.h"

#include <charconv>
#include <cstring>

namespace twopop::server {
namespace {

using Handler = std::function<Response(FilmService&, const Request&)>;

/// What a handler computes: an answer, or an error that becomes its problem document.
template <class F>
Handler answering(F handler) {
  return [handler = std::move(handler)](FilmService& film, const Request& request) -> Response {
    Result<Response> answer = handler(film, request);
    if (answer) return *std::move(answer);
    const Error& error = answer.error();
    Response out = problem(error);
    if (error.code == Code::Busy) out.headers.emplace_back("Retry-After", "1");
    return out;
  };
}

Stop stop_of(const Request& request) {
  return [gone = request.gone] { return gone && gone->load(std::memory_order_relaxed); };
}

Result<std::int64_t> whole_number(const Request& request, const std::string& name, std::optional<std::int64_t> otherwise, std::int64_t least, std::int64_t most) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second.empty()) {
    if (otherwise) return *otherwise;
    return Error{Code::InvalidArgument, fmt::format("'{}' is missing", name), fmt::format("add ?{}=NUMBER", name)};
  }
  std::int64_t value = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [at, status] = std::from_chars(found->second.data(), end, value);
  if (status != std::errc() || at != end || value < least || value > most)
    return Error{Code::InvalidArgument, fmt::format("{}={} is not a whole number from {} to {}", name, found->second.substr(0, 40), least, most), "correct the address"};
  return value;
}

std::string text_of(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

constexpr std::int64_t kFarthest = std::int64_t{1} << 50;

Result<SampleRange> range_of(const Request& request, SampleRange otherwise) {
  TWOPOP_TRY(const std::int64_t begin, whole_number(request, "begin", otherwise.begin.value, 0, kFarthest));
  TWOPOP_TRY(const std::int64_t end, whole_number(request, "end", otherwise.end.value, 0, kFarthest));
  if (end <= begin) return Error{Code::InvalidArgument, fmt::format("samples {} to {} are none", begin, end), "give an end behind the begin"};
  return SampleRange{{begin}, {end}};
}

Response file_response(std::filesystem::path path, std::string type, const char* cache) {
  Response out;
  out.type = std::move(type);
  out.headers.emplace_back("Cache-Control", cache);
  out.body = FilePart{std::move(path), 0, std::nullopt};
  return out;
}

Response bytes_response(std::vector<std::byte> bytes) {
  Response out;
  out.type = "application/octet-stream";
  out.headers.emplace_back("Cache-Control", "no-cache");
  out.body = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return out;
}

Response not_yet(double share = 0) { return json_response(NotYet{false, share}, 202); }

// --- sounds -----------------------------------------------------------------------------------

std::optional<Hash> known_content(const Request& request) {
  const auto tag = request.headers.find("if-none-match");
  if (tag == request.headers.end()) return std::nullopt;
  const std::size_t quote = tag->second.find('"');
  if (quote == std::string::npos || tag->second.size() < quote + 33) return std::nullopt;
  const auto hash = parse_hash(std::string_view(tag->second).substr(quote + 1, 32));
  return hash ? std::optional(*hash) : std::nullopt;
}

Result<Response> chunk(FilmService& film, const Request& request) {
  std::int64_t n = -1;
  const std::string& text = request.in_path.at("n");
  if (const auto [at, status] = std::from_chars(text.data(), text.data() + text.size(), n); status != std::errc() || at != text.data() + text.size())
    return Error{Code::InvalidArgument, fmt::format("'{}' is no number of a chunk", text.substr(0, 40)), "chunks are counted from 0"};
  TWOPOP_TRY(const SoundChunk chunk, film.sounds().chunk(request.in_path.at("sound"), n, known_content(request), stop_of(request)));
  Response out;
  out.type = "application/octet-stream";
  const std::string content = to_string(chunk.content);
  out.headers = {{"ETag", '"' + content + '"'}, {"X-Revision", std::to_string(chunk.revision)}, {"X-Channels", std::to_string(chunk.channels)}};
  // Named by its content it can never be another; by its place alone it must be asked for again.
  out.headers.emplace_back("Cache-Control", text_of(request, "content") == content ? "private, max-age=31536000, immutable" : "private, no-cache");
  if (!chunk.samples) {
    out.status = 304;
    return out;
  }
  if (chunk.silent) out.headers.emplace_back("X-Silent", "1");
  if (chunk.silent && text_of(request, "silence") == "none") {
    out.status = 204;
    return out;
  }
  out.body = chunk.samples;
  return out;
}

std::vector<std::byte> bytes_of(const std::vector<DrawnPeak>& peaks) {
  std::vector<std::byte> bytes(peaks.size() * sizeof(DrawnPeak));
  std::memcpy(bytes.data(), peaks.data(), bytes.size());
  return bytes;
}

Result<Response> peaks(FilmService& film, const Request& request, bool is_media) {
  Peaks::Wanted wanted{is_media, request.in_path.at(is_media ? "id" : "sound"), -1};
  TWOPOP_TRY(const std::int64_t channel, whole_number(request, "channel", -1, -1, 1023));
  TWOPOP_TRY(const std::int64_t level, whole_number(request, "level", 0, 0, 31));
  TWOPOP_TRY(const std::int64_t begin, whole_number(request, "begin", 0, 0, kFarthest));
  TWOPOP_TRY(const std::int64_t count, whole_number(request, "count", Peaks::kMostPeaks, 1, Peaks::kMostPeaks));
  wanted.channel = static_cast<int>(channel);
  TWOPOP_TRY(const auto found, film.peaks().read(wanted, static_cast<int>(level), begin, count, stop_of(request)));
  if (!found) return not_yet();
  return bytes_response(bytes_of(*found));
}

/// "media:ID@CHANNEL" or "SOUND@CHANNEL"; without a channel all joined.
Peaks::Wanted wanted_of(std::string text) {
  Peaks::Wanted wanted;
  if (const std::size_t at = text.rfind('@'); at != std::string::npos) {
    std::from_chars(text.data() + at + 1, text.data() + text.size(), wanted.channel);
    text.resize(at);
  }
  wanted.is_media = text.starts_with("media:");
  wanted.name = wanted.is_media ? text.substr(6) : text;
  return wanted;
}

constexpr std::size_t kMostTogether = 256;
constexpr std::int32_t kBeingMade = -1, kNone = -2;

Result<Response> many_peaks(FilmService& film, const Request& request) {
  TWOPOP_TRY(const std::int64_t level, whole_number(request, "level", 0, 0, 31));
  TWOPOP_TRY(const std::int64_t begin, whole_number(request, "begin", 0, 0, kFarthest));
  TWOPOP_TRY(const std::int64_t count, whole_number(request, "count", std::nullopt, 1, 1 << 16));
  const std::string of = text_of(request, "of");
  std::vector<std::string> names;
  for (std::size_t at = 0; at < of.size();) {
    const std::size_t comma = std::min(of.find(',', at), of.size());
    if (comma > at) names.push_back(of.substr(at, comma - at));
    at = comma + 1;
  }
  if (names.empty() || names.size() > kMostTogether) return Error{Code::InvalidArgument, fmt::format("{} waveforms asked for at once", names.size()), fmt::format("give 1 to {} names in ?of=, commas between", kMostTogether)};
  std::vector<std::byte> bytes;
  const auto put = [&](std::int32_t number) {
    const auto* raw = reinterpret_cast<const std::byte*>(&number);
    bytes.insert(bytes.end(), raw, raw + sizeof number);
  };
  for (const std::string& name : names) {
    const auto found = film.peaks().read(wanted_of(name), static_cast<int>(level), begin, count, stop_of(request));
    if (!found && found.error().code == Code::Cancelled) return found.error();
    if (!found || !*found) {
      put(found || found.error().code == Code::Busy ? kBeingMade : kNone);
      continue;
    }
    put(static_cast<std::int32_t>((*found)->size()));
    const std::vector<std::byte> part = bytes_of(**found);
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes_response(std::move(bytes));
}

// --- pictures of sound ---------------------------------------------------------------------------

constexpr double kLongestSpectrogram_s = 4 * 3600;

Result<Response> spectrogram_of(FilmService& film, const Request& request, bool is_media) {
  const Stop stop = stop_of(request);
  SampleRate rate;
  SampleRange all;
  const session::Head head = film.core().session.head();
  if (is_media) {
    const auto media = head.document->media.find(request.in_path.at("id"));
    if (media == head.document->media.end()) return Error{Code::NotFound, fmt::format("there is no media '{}'", request.in_path.at("id")), "the film's document lists them"};
    if (media->second.rate_hz <= 0) return Error{Code::Unsupported, fmt::format("{} has no sound", media->second.name), "ask for a recording"};
    rate = {media->second.rate_hz};
    all = {{0}, {samples(media->second.duration_s, rate).value}};
  } else {
    rate = head.document->rate;
    all = head.document->extent();
  }
  TWOPOP_TRY(const SampleRange range, range_of(request, all));
  if (seconds(range.length(), rate) > kLongestSpectrogram_s) return Error{Code::InvalidArgument, "a spectrogram of more than four hours", "ask for less at once"};
  TWOPOP_TRY(const std::int64_t width, whole_number(request, "width", 800, 1, 4096));
  TWOPOP_TRY(const std::int64_t height, whole_number(request, "height", 256, 1, 2048));
  const auto read = [&](SampleRange part) -> Result<AudioBuffer<float>> {
    if (stop()) return Error{Code::Cancelled, "nobody waits for it any more"};
    const SampleRange shifted{range.begin + (part.begin - SamplePosition{0}), range.begin + (part.end - SamplePosition{0})};
    return is_media ? film.media_stretch(request.in_path.at("id"), shifted) : film.sounds().stretch(request.in_path.at("sound"), shifted, stop);
  };
  TWOPOP_TRY(std::string png, spectrogram(range.length(), rate, {static_cast<int>(width), static_cast<int>(height)}, read));
  Response out;
  out.type = "image/png";
  out.headers.emplace_back("Cache-Control", "no-cache");
  out.body = std::move(png);
  return out;
}

Result<Response> loudness(FilmService& film, const Request& request) {
  TWOPOP_TRY(const std::int64_t points, whole_number(request, "points", 2000, 10, 100000));
  const auto measured = film.compiler().loudness();
  if (!measured) return not_yet();
  LoudnessCurve curve = loudness_curve(*measured, static_cast<int>(points));
  curve.current = curve.revision == film.core().session.head().revision;
  return json_response(curve);
}

// --- picture -------------------------------------------------------------------------------------

Result<Response> proxy(FilmService& film, const Request&) {
  const auto path = film.picture().proxy();
  // A player asks for a file: what is not there yet is absent to it, and the problem says when to come again.
  if (!path && path.error().code == Code::Busy) return problem(404, "not_ready", path.error().message, path.error().remedy);
  if (!path) return path.error();
  return file_response(*path, "video/mp4", "private, max-age=3600");
}

Result<Response> frames(FilmService& film, const Request&) {
  TWOPOP_TRY(const std::vector<double> seconds, film.picture().frame_seconds());
  std::vector<std::byte> bytes(seconds.size() * sizeof(double));
  std::memcpy(bytes.data(), seconds.data(), bytes.size());
  return bytes_response(std::move(bytes));
}

Result<Response> thumbs(FilmService& film, const Request& request) {
  const std::string& name = request.in_path.at("n");
  std::int64_t minute = -1;
  const auto [at, status] = std::from_chars(name.data(), name.data() + name.size(), minute);
  if (status != std::errc() || std::string_view(at, static_cast<std::size_t>(name.data() + name.size() - at)) != ".jpg")
    return Error{Code::NotFound, fmt::format("there is no strip of pictures '{}'", name.substr(0, 40)), "they are 0.jpg, 1.jpg ... by minute"};
  TWOPOP_TRY(std::filesystem::path path, film.picture().thumbs(minute, stop_of(request)));
  return file_response(std::move(path), "image/jpeg", "private, max-age=3600");
}

// --- work ----------------------------------------------------------------------------------------

Result<Response> start_job(FilmService& film, const Request& request) {
  TWOPOP_TRY(const JobRequest wanted, session::read_json<JobRequest>(request.body));
  TWOPOP_TRY(const Job job, film.jobs().start(wanted, request.who.name));
  return json_response(job, 201);
}

Result<Response> approve(FilmService& film, const Request& request) {
  TWOPOP_TRY(const ApprovalRequest wanted, session::read_json<ApprovalRequest>(request.body));
  TWOPOP_TRY(const std::int64_t revision, film.approve(wanted, request.who.name, stop_of(request)));
  return json_response(NewRevision{revision});
}

Result<Response> output(FilmService& film, const Request& request) {
  TWOPOP_TRY(std::filesystem::path path, output_path(film.core().folder, request.in_path.at("path")));
  Response out = file_response(path, file_type(path), "no-cache");
  if (out.type.starts_with("text/html")) {
    // The report holds all it shows; whatever else a page were to hold must neither run nor speak to us.
    out.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'");
  }
  return out;
}

Result<Response> media_content(FilmService& film, const Request& request) {
  TWOPOP_TRY(std::filesystem::path path, film.media_file(request.in_path.at("id")));
  std::string type = file_type(path);
  if (!type.starts_with("audio/") && !type.starts_with("video/") && !type.starts_with("image/")) type = "application/octet-stream";
  return file_response(std::move(path), std::move(type), "no-cache");
}

Result<Response> library(FilmService& film, const Request& request) {
  TWOPOP_TRY(const std::int64_t first, whole_number(request, "first", 0, 0, 1 << 24));
  TWOPOP_TRY(const std::int64_t count, whole_number(request, "count", 100, 1, 500));
  std::optional<session::MediaKind> kind;
  const std::string wanted = text_of(request, "kind");
  for (const auto& known : names_of(session::MediaKind{}))
    if (wanted == known.name) kind = known.value;
  if (!wanted.empty() && !kind) return Error{Code::InvalidArgument, fmt::format("there is no kind '{}'", wanted.substr(0, 40)), "ask for effect, ambience, foley, music, room-tone or score"};
  const session::Head head = film.core().session.head();
  TWOPOP_TRY(const LibraryPage page, film.library().find(*head.document, text_of(request, "query").substr(0, 500), kind, static_cast<int>(first), static_cast<int>(count)));
  return json_response(page);
}

Result<Response> preview(FilmService& film, const Request& request) {
  TWOPOP_TRY(const PreviewRequest wanted, session::read_json<PreviewRequest>(request.body));
  TWOPOP_TRY(const PreviewSound sound, film.preview(wanted, stop_of(request)));
  Response out;
  out.type = "application/octet-stream";
  out.headers = {{"X-Channels", std::to_string(sound.channels)}, {"X-Frames", std::to_string(sound.length.value)}, {"Cache-Control", "no-store"}};
  out.body = sound.samples;
  return out;
}

Result<Response> add_file(FilmService& film, const Request& request) {
  if (!request.stream) return Error{Code::InvalidArgument, "there is no file in the request", "send its bytes as the body"};
  std::optional<session::MediaKind> kind;
  const std::string wanted = text_of(request, "kind");
  for (const auto& known : names_of(session::MediaKind{}))
    if (wanted == known.name) kind = known.value;
  if (!wanted.empty() && !kind) return Error{Code::InvalidArgument, fmt::format("there is no kind '{}'", wanted.substr(0, 40)), "leave it out, and the file says itself what it is"};
  TWOPOP_TRY(const FileTaken taken, film.add_file(text_of(request, "name"), kind, *request.stream, request.who.name));
  return json_response(taken, 201);
}

const std::vector<QueryParameter> kPeakQuery{{"level", "0 is one peak for 256 samples, each further level four times as many"}, {"begin", "First peak"}, {"count", "How many, at most 262144"}};
const std::vector<QueryParameter> kSpectrogramQuery{{"begin", "First sample"}, {"end", "Sample behind the last"}, {"width", "Pixels, at most 4096"}, {"height", "Pixels, at most 2048"}};

std::vector<QueryParameter> with_channel(std::vector<QueryParameter> query) {
  query.push_back({"channel", "From 0; all joined if left out"});
  return query;
}

}  // namespace

std::vector<Route> film_routes(FindFilm find) {
  std::vector<Route> routes;
  const auto add = [&](Route route, Handler handler) {
    route.pattern = "/api/films/{film}" + route.pattern;
    route.handle = [find, handler = std::move(handler)](const Request& request) -> Response {
      if (!request.who.film.empty() && request.who.film != request.in_path.at("film")) return problem(403, "not_yours", "this film is not open to you", "ask the owner of the film");
      const auto film = find(request.in_path.at("film"));
      if (!film) return problem(film.error());
      return handler(**film, request);
    };
    routes.push_back(std::move(route));
  };
  const auto get = [&](const char* pattern, const char* summary, std::vector<QueryParameter> query, session::TypeRef gives, const char* type, bool slow, auto handler) {
    Route route;
    route.method = "GET";
    route.pattern = pattern;
    route.right = "read";
    route.summary = summary;
    route.query = std::move(query);
    route.gives = gives;
    route.gives_type = type;
    route.slow = slow;
    add(std::move(route), answering(handler));
  };
  const auto change = [&](const char* method, const char* pattern, const char* right, const char* summary, session::TypeRef takes, session::TypeRef gives, bool slow, auto handler) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.right = right;
    route.summary = summary;
    route.body = takes ? Body::Whole : Body::None;
    route.takes = takes;
    route.gives = gives;
    route.slow = slow;
    add(std::move(route), answering(handler));
  };
  using session::type_of;
  constexpr const char* json = "application/json";
  constexpr const char* binary = "application/octet-stream";

  get("/board", "The board: the six phases and the findings", {}, &type_of<Board>, json, false, [](FilmService& film, const Request&) -> Result<Response> { return json_response(film.board()); });
  change("POST", "/approvals", "approve", "Approves a phase as it sounds today, or takes that back", &type_of<ApprovalRequest>, &type_of<NewRevision>, true, approve);
  get("/explain", "What a phase is made of at one moment, and why it was or was not rendered again", {{"phase", "dialogue ... mix", true}, {"at_samples", "Film position", true}}, &type_of<deliver::Moment>, json, true,
      [](FilmService& film, const Request& request) -> Result<Response> {
        TWOPOP_TRY(const std::int64_t at, whole_number(request, "at_samples", std::nullopt, 0, kFarthest));
        TWOPOP_TRY(const deliver::Moment moment, film.moment(text_of(request, "phase"), {at}, stop_of(request)));
        return json_response(moment);
      });

  change("POST", "/jobs", "build", "Starts a build, spotting or a render; it waits where another runs", &type_of<JobRequest>, &type_of<Job>, false, start_job);
  get("/jobs", "Jobs that wait, run or ended lately, newest first", {}, &type_of<std::vector<Job>>, json, false, [](FilmService& film, const Request&) -> Result<Response> { return json_response(film.jobs().list()); });
  get("/jobs/{id}", "One job", {}, &type_of<Job>, json, false, [](FilmService& film, const Request& request) -> Result<Response> {
    TWOPOP_TRY(const Job job, film.jobs().find(request.in_path.at("id")));
    return json_response(job);
  });
  change("DELETE", "/jobs/{id}", "build", "Stops a job, or takes it out of the line", nullptr, &type_of<Job>, false, [](FilmService& film, const Request& request) -> Result<Response> {
    TWOPOP_TRY(const Job job, film.jobs().cancel(request.in_path.at("id")));
    return json_response(job);
  });
  get("/proposals", "What spotting would propose, with its reasons; nothing is changed", {{"phase", "Only this one; all if left out"}}, &type_of<Proposals>, json, true, [](FilmService& film, const Request& request) -> Result<Response> {
    TWOPOP_TRY(const Proposals proposals, film.jobs().proposals(text_of(request, "phase"), stop_of(request)));
    return json_response(proposals);
  });
  get("/outputs", "Files that were delivered", {}, &type_of<std::vector<Output>>, json, false, [](FilmService& film, const Request&) -> Result<Response> { return json_response(outputs_of(film.core().folder)); });
  get("/out/{path...}", "A delivered file, with ranges", {}, nullptr, binary, false, output);

  get("/picture", "The film's picture: exact rate, size, and whether its proxy is ready", {}, &type_of<PictureInfo>, json, false, [](FilmService& film, const Request&) -> Result<Response> { return json_response(film.picture().info()); });
  get("/picture/proxy.mp4", "The picture for browsers, with ranges; 404 not_ready until it is made", {}, nullptr, "video/mp4", false, proxy);
  get("/picture/frames", "When each frame is shown: 64-bit floats, seconds from the first", {}, nullptr, binary, false, frames);
  get("/picture/thumbs/{n}", "30 pictures 160 pixels wide side by side, one each 2 s from minute n: n.jpg", {}, nullptr, "image/jpeg", true, thumbs);

  get("/media/{id}/content", "A recording's bytes, with ranges", {}, nullptr, binary, true, media_content);
  get("/media/{id}/peaks", "Peaks of a recording: two signed bytes each, least and most x 127; 202 while they are made", with_channel(kPeakQuery), nullptr, binary, false,
      [](FilmService& film, const Request& request) { return peaks(film, request, true); });
  get("/media/{id}/spectrogram", "Spectrogram of a recording", kSpectrogramQuery, nullptr, "image/png", true, [](FilmService& film, const Request& request) { return spectrogram_of(film, request, true); });

  get("/sounds", "What can be heard by itself: mix, M&E, stems, buses, tracks", {}, &type_of<std::vector<SoundInfo>>, json, true, [](FilmService& film, const Request& request) -> Result<Response> {
    TWOPOP_TRY(const std::vector<SoundInfo> list, film.sounds().list(stop_of(request)));
    return json_response(list);
  });
  get("/sounds/{sound}/chunks/{n}", "2^18 samples as 32-bit floats, channel after channel; ETag is their content, X-Revision the revision they are of",
      {{"content", "The content expected: then the answer may be kept for ever"}, {"silence", "none: silence is answered by 204"}}, nullptr, binary, true, chunk);
  get("/sounds/{sound}/peaks", "Peaks of a sound, as of recordings", with_channel(kPeakQuery), nullptr, binary, true, [](FilmService& film, const Request& request) { return peaks(film, request, false); });
  get("/sounds/{sound}/spectrogram", "Spectrogram of a sound", kSpectrogramQuery, nullptr, "image/png", true, [](FilmService& film, const Request& request) { return spectrogram_of(film, request, false); });
  std::vector<QueryParameter> together = kPeakQuery;
  together.insert(together.begin(), {"of", "Up to 256 of media:ID@CHANNEL and SOUND@CHANNEL, commas between; without a channel all joined", true});
  get("/peaks", "Peaks of many at once: for each a 32-bit count (-1 while they are made, -2 where there are none), then its peaks", together, nullptr, binary, true, many_peaks);
  get("/live", "The mix for a mixer in the browser: tracks before their strips, covers, settings; its chunks are those of the tracks' sounds", {}, &type_of<phases::LiveMix>, json, true,
      [](FilmService& film, const Request& request) -> Result<Response> {
        TWOPOP_TRY(const CompiledRef compiled, film.compiler().newest(Sounds::kPatience, stop_of(request)));
        return json_response(phases::live_mix(*compiled->document, compiled->whole.mix_input(), compiled->place(film.core()).ceiling, compiled->revision));
      });
  get("/loudness", "Loudness of the mix over time against its specification; 202 until it is measured", {{"points", "At most so many values, 2000 if left out"}}, &type_of<LoudnessCurve>, json, false, loudness);
  get("/sync", "Where each recording lies, and what sync measured", {}, &type_of<SyncView>, json, true, [](FilmService& film, const Request&) -> Result<Response> { return json_response(sync_view(film.core(), film.core().session.head())); });

  get("/library", "Effects, ambiences, Foley and music by words: space is and, comma is or, minus is not", {{"query", "Words"}, {"kind", "Only of this kind"}, {"first", "Left out before"}, {"count", "At most 500"}}, &type_of<LibraryPage>, json, false,
      library);
  change("POST", "/preview", "edit", "Renders a sound that is not in the session: samples as a chunk has them, X-Channels and X-Frames", &type_of<PreviewRequest>, nullptr, true, preview);
  routes.back().gives_type = binary;

  Route files;
  files.method = "POST";
  files.pattern = "/files";
  files.right = "edit:media";
  files.summary = "Adds a media file: its bytes are the body";
  files.query = {{"name", "Its name", true}, {"kind", "What it is; told by its content if left out"}};
  files.body = Body::Streamed;
  files.body_limit = std::uint64_t{1} << 40;
  files.gives = &type_of<FileTaken>;
  files.slow = true;
  add(std::move(files), answering(add_file));
  return routes;
}

}  // namespace twopop::server

// Builds a film of two hours and one of ten minutes, coding included, under a memory limit, and prints what each needed.
//
//   long_film_bench TWOPOP [--minutes N] [--limit-mb N] [--folder DIR] [--keep yes]
//
// The peak is that of the whole process (maximum resident set), which the files it maps do not escape either. With a limit,
// the build also runs with its data segment bound to it (RLIMIT_DATA).
#include "small_film.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>

namespace {

using namespace twopop;

/// A long recording without a long wait: a minute of made speech over and over.
void write_long_wav(const std::filesystem::path& path, int minutes, std::uint64_t seed) {
  const AudioBuffer<float> minute = test::made_speech(seed, 60, 48000);
  media::WavWriter::Settings settings;
  settings.channels = 1;
  settings.rate = {48000};
  const auto writer = test::must(media::WavWriter::create(path, settings));
  for (int m = 0; m < minutes; ++m) test::must(writer->write(minute.view()));
  test::must(writer->finish());
}

void make_film(const std::filesystem::path& bundle, const std::filesystem::path& folder, int minutes) {
  session::Document document;
  document.name = fmt::format("{} minutes", minutes);
  document.picture.length = samples(minutes * 60.0, document.rate);
  const std::filesystem::path picture = folder / fmt::format("picture-{}.mp4", minutes);
  const std::string make = fmt::format("ffmpeg -v error -y -f lavfi -i testsrc=size=160x90:rate=25 -t {} -c:v libx264 -preset ultrafast -pix_fmt yuv420p '{}' && "
                                       "ffmpeg -v error -y -i '{}' -f lavfi -i anullsrc=r=48000:cl=mono -t {} -c:v copy -c:a aac -shortest '{}.m.mp4' && mv '{}.m.mp4' '{}'",
                                       minutes * 60, picture.string(), picture.string(), minutes * 60, picture.string(), picture.string(), picture.string());
  if (std::system(make.c_str()) != 0) throw std::runtime_error("ffmpeg could not make the picture");
  test::add_media(document, "picture", picture, session::MediaKind::Picture);
  document.media["picture"].has_picture = true;
  document.media["picture"].frames = document.frames;
  document.picture.media = "picture";
  for (int k = 0; k < 3; ++k) {
    const session::Id id = fmt::format("r{}", k);
    const std::filesystem::path path = folder / fmt::format("{}-{}.wav", id, minutes);
    write_long_wav(path, minutes, static_cast<std::uint64_t>(k) + 1);
    test::add_media(document, id, path, session::MediaKind::Recording);
    session::Placement placement;
    placement.media = id;
    placement.film = {{0}, {document.picture.length.value}};
    placement.drift_ppm = 10.0 * (k + 1);
    placement.decided.by = session::By::Person;
    document.dialogue.placements[id] = placement;
    for (int n = 0; n < minutes * 4; ++n) {
      session::DialogueClip clip;
      clip.placement = id;
      clip.track = fmt::format("dialogue-{}", k + 1);
      clip.film = {{samples(n * 15.0 + k * 5, document.rate).value}, {samples(n * 15.0 + k * 5 + 4.5, document.rate).value}};
      clip.fade_in = clip.fade_out = {{960}};
      clip.denoise.on = n % 4 == 0;
      clip.decided.by = session::By::Person;
      document.dialogue.clips[fmt::format("c{}-{}", k, n)] = clip;
    }
  }
  test::must(session::Store::create(bundle, document));
}

struct Need {
  double peak_mb = 0, wall_s = 0, cpu_s = 0;
  int status = 0;
};

Need build(const char* twopop, const std::filesystem::path& bundle, double limit_mb) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    if (limit_mb > 0) {
      const rlim_t bytes = static_cast<rlim_t>(limit_mb * 1048576);
      const rlimit limit{bytes, bytes};
      setrlimit(RLIMIT_DATA, &limit);
    }
    std::freopen("/dev/null", "w", stdout);
    execl(twopop, twopop, "build", bundle.c_str(), "--json", nullptr);
    std::_Exit(127);
  }
  Need need;
  rusage usage{};
  int status = 0;
  wait4(child, &status, 0, &usage);
  need.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  need.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  need.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  need.cpu_s = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  return need;
}

}  // namespace

int main(int argc, char** argv) {
  int minutes = 120;
  double limit_mb = 600;
  bool keep = false;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  if (argc < 2) {
    std::fputs("long_film_bench TWOPOP [--minutes N] [--limit-mb N] [--folder DIR] [--keep yes]\n", stderr);
    return 2;
  }
  for (int i = 2; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--minutes")) minutes = std::atoi(argv[i + 1]);
    if (!std::strcmp(argv[i], "--limit-mb")) limit_mb = std::atof(argv[i + 1]);
    if (!std::strcmp(argv[i], "--folder")) folder = argv[i + 1];
    if (!std::strcmp(argv[i], "--keep")) keep = !std::strcmp(argv[i + 1], "yes");
  }
  folder /= fmt::format("twopop-long-film-{}", ::getpid());
  std::filesystem::create_directories(folder);
  try {
    Need needs[2];
    const int lengths[2] = {10, minutes};
    std::printf("%8s  %10s  %8s  %8s  %s\n", "minutes", "peak MB", "wall s", "CPU s", "exit");
    for (int i = 0; i < 2; ++i) {
      const std::filesystem::path bundle = folder / fmt::format("{}.twopop", lengths[i]);
      make_film(bundle, folder, lengths[i]);
      needs[i] = build(argv[1], bundle, limit_mb);
      std::printf("%8d  %10.0f  %8.1f  %8.1f  %d\n", lengths[i], needs[i].peak_mb, needs[i].wall_s, needs[i].cpu_s, needs[i].status);
      std::fflush(stdout);
    }
    std::printf("ratio of peaks %.2f (wanted at most 1.2), limit %.0f MB\n", needs[1].peak_mb / needs[0].peak_mb, limit_mb);
    if (keep)
      std::printf("the films are in %s\n", folder.c_str());
    else
      std::filesystem::remove_all(folder);
    return needs[0].status || needs[1].status;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "long_film_bench: %s\n", e.what());
    std::filesystem::remove_all(folder);
    return 1;
  }
}

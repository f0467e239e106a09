#include "media/detail/output_file.h"
#include "media/detail/sound_encoder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace twopop::media::detail {

void Muxer::Free::operator()(AVFormatContext* p) const {
  if (p->pb) avio_closep(&p->pb);
  avformat_free_context(p);
}

Result<Muxer> Muxer::create(const std::filesystem::path& path, const char* format) {
  av::quiet();
  AVFormatContext* raw = nullptr;
  const std::string part = part_name(path).string();
  if (avformat_alloc_output_context2(&raw, nullptr, format, part.c_str()) < 0)
    return Error{Code::Unsupported, fmt::format("this FFmpeg cannot write {}", format), "install Debian's ffmpeg"};
  Muxer muxer(path, raw);
  const int status = avio_open(&raw->pb, ("file:" + part).c_str(), AVIO_FLAG_WRITE);
  if (status < 0) return write_error(path, "creating it", AVUNERROR(status));
  raw->flags |= AVFMT_FLAG_BITEXACT;
  return muxer;
}

Muxer::~Muxer() {
  if (!context_) return;
  context_.reset();
  ::unlink(part_name(path_).c_str());
}

Result<void> Muxer::check(int status, const char* what) const {
  if (status >= 0 && context_->pb && context_->pb->error < 0) status = context_->pb->error;
  if (status >= 0) return {};
  const int number = AVUNERROR(status);
  if (number > 0 && number < 200) return write_error(path_, what, number);
  return Error{Code::Unsupported, fmt::format("{}: {}: {}", path_.string(), what, av::words(status)), "try another container or codec"};
}

Result<void> Muxer::begin(SampleRate rate) {
  AVDictionary* options = nullptr;
  if (std::strcmp(context_->oformat->name, "mp4") == 0 || std::strcmp(context_->oformat->name, "mov") == 0 ||
      std::strcmp(context_->oformat->name, "ipod") == 0) {
    av_dict_set(&options, "movflags", "+faststart", 0);
    av_dict_set_int(&options, "movie_timescale", rate.hz, 0);
  }
  // FLAC in MP4 is called experimental by FFmpeg 5.1; its specification is settled.
  context_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  const int status = avformat_write_header(context_.get(), &options);
  av_dict_free(&options);
  return check(status, "writing its head");
}

Result<void> Muxer::write(AVPacket& packet) { return check(av_interleaved_write_frame(context_.get(), &packet), "writing"); }

Result<void> Muxer::finish() {
  TWOPOP_CHECK(check(av_write_trailer(context_.get()), "finishing"));
  const int closed = avio_closep(&context_->pb);
  if (closed < 0) return check(closed, "finishing");
  const std::filesystem::path part = part_name(path_);
  const int fd = ::open(part.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!flushed) return write_error(path_, "flushing", error);
  if (::rename(part.c_str(), path_.c_str()) != 0) return write_error(path_, "naming it", errno);
  context_.reset();
  return {};
}

}  // namespace twopop::media::detail

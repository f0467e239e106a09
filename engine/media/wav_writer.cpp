#include "media/detail/bext_writer.h"
#include "media/detail/output_file.h"
#include "media/detail/pcm.h"
#include "media/detail/wav_writer.h"
#include "media/media.h"

#include <algorithm>
#include <cstring>

namespace twopop::media {
namespace {

using detail::SampleCoding;

constexpr std::uint64_t kMost32 = 0xFFFFFFFFu;
/// The room a ds64 chunk takes when the file grows past 4 GiB (EBU Tech 3306): kept as JUNK until then.
constexpr std::size_t kDs64Bytes = 28;

SampleCoding coding_of(SampleFormat format) {
  switch (format) {
    case SampleFormat::Pcm16: return SampleCoding::Int16;
    case SampleFormat::Pcm24: return SampleCoding::Int24;
    case SampleFormat::Pcm32: return SampleCoding::Int32;
    case SampleFormat::Float32: return SampleCoding::Float32;
  }
  return SampleCoding::Int24;
}

template <class T>
void put(std::string& to, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  to.append(raw, sizeof value);
}

void put_chunk(std::string& to, const char* id, std::string_view body) {
  to.append(id, 4);
  put(to, static_cast<std::uint32_t>(body.size()));
  to.append(body);
  if (body.size() % 2) to += '\0';
}

std::string format_chunk(const WavWriter::Settings& s, SampleCoding coding) {
  const auto bytes = static_cast<std::uint32_t>(detail::bytes_of(coding));
  const auto channels = static_cast<std::uint32_t>(s.channels);
  const bool is_float = coding == SampleCoding::Float32;
  std::uint32_t mask = s.channel_mask;
  if (!mask && s.channels == 6) mask = 0x3F;   // L R C LFE Lb Rb, as 5.1 files commonly state it
  if (!mask && s.channels == 8) mask = 0x63F;  // L R C LFE Lb Rb Ls Rs
  const bool extensible = mask != 0 || s.channels > 2;
  const std::uint16_t tag = is_float ? 3 : 1;
  std::string f;
  put(f, extensible ? std::uint16_t{0xFFFE} : tag);
  put(f, static_cast<std::uint16_t>(channels));
  put(f, static_cast<std::uint32_t>(s.rate.hz));
  put(f, static_cast<std::uint32_t>(s.rate.hz) * bytes * channels);
  put(f, static_cast<std::uint16_t>(bytes * channels));
  put(f, static_cast<std::uint16_t>(bytes * 8));
  if (!extensible) return f;
  put(f, std::uint16_t{22});
  put(f, static_cast<std::uint16_t>(bytes * 8));
  put(f, mask);
  put(f, tag);
  constexpr unsigned char kGuidTail[14]{0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
  f.append(reinterpret_cast<const char*>(kGuidTail), sizeof kGuidTail);
  return f;
}

class FileWavWriter final : public WavWriter {
 public:
  FileWavWriter(detail::OutputFile file, const Settings& settings, std::uint64_t most_riff_bytes)
      : file_(std::move(file)), settings_(settings), coding_(coding_of(settings.format)), bext_(settings.bext), most_riff_bytes_(most_riff_bytes) {}

  Result<void> write_head() {
    std::string head = "RIFF";
    put(head, std::uint32_t{0});
    head += "WAVE";
    put_chunk(head, "JUNK", std::string(kDs64Bytes, '\0'));
    put_chunk(head, "fmt ", format_chunk(settings_, coding_));
    if (bext_) {
      bext_at_ = head.size();
      put_chunk(head, "bext", detail::bext_chunk(*bext_, bext_room()));
    }
    if (!settings_.ixml.empty()) put_chunk(head, "iXML", settings_.ixml);
    head += "data";
    put(head, std::uint32_t{0});
    data_at_ = head.size();
    return file_.append(std::as_bytes(std::span(head)));
  }

  Result<void> write(AudioView<const float> block) override {
    TWOPOP_ASSERT(block.channels() == settings_.channels);
    const std::int64_t frame_bytes = detail::bytes_of(coding_) * settings_.channels;
    constexpr std::int64_t kPartFrames = 4096;
    for (std::int64_t at = 0; at < block.frames(); at += kPartFrames) {
      const auto part = block.sub(at, std::min(kPartFrames, block.frames() - at));
      TWOPOP_TRY(const std::span<std::byte> room, file_.extend(static_cast<std::size_t>(part.frames() * frame_bytes)));
      detail::interleaved_of(part, coding_, room.data());
      data_bytes_ += room.size();
    }
    return {};
  }

  void set_bext(const BextFields& bext) override { bext_ = bext; }

  Result<void> finish() override {
    if (data_bytes_ % 2) TWOPOP_CHECK(file_.append(std::span(&kPad, 1)));
    if (bext_ && !bext_at_) {
      std::string chunk;
      put_chunk(chunk, "bext", detail::bext_chunk(*bext_, detail::bext_size(*bext_)));
      TWOPOP_CHECK(file_.append(std::as_bytes(std::span(chunk))));
    } else if (bext_) {
      std::string chunk;
      put_chunk(chunk, "bext", detail::bext_chunk(*bext_, bext_room()));
      TWOPOP_CHECK(file_.overwrite(*bext_at_, std::as_bytes(std::span(chunk))));
    }
    const std::uint64_t riff_bytes = file_.size() - 8;
    const bool large = riff_bytes > most_riff_bytes_;
    std::string head = large ? "RF64" : "RIFF";
    put(head, static_cast<std::uint32_t>(large ? kMost32 : riff_bytes));
    head += "WAVE";
    if (large) {
      std::string sizes;
      put(sizes, riff_bytes);
      put(sizes, data_bytes_);
      put(sizes, data_bytes_ / static_cast<std::uint64_t>(detail::bytes_of(coding_) * settings_.channels));
      put(sizes, std::uint32_t{0});
      put_chunk(head, "ds64", sizes);
    }
    TWOPOP_CHECK(file_.overwrite(0, std::as_bytes(std::span(head))));
    std::string size;
    put(size, static_cast<std::uint32_t>(large ? kMost32 : data_bytes_));
    TWOPOP_CHECK(file_.overwrite(data_at_ - 4, std::as_bytes(std::span(size))));
    return file_.finish();
  }

 private:
  static constexpr std::byte kPad{};
  /// Room for the coding history that set_bext may bring.
  static constexpr std::size_t kHistoryRoom = 512;

  std::size_t bext_room() const { return std::max(detail::bext_size(*settings_.bext), detail::kBextFixedBytes + kHistoryRoom); }

  detail::OutputFile file_;
  Settings settings_;
  SampleCoding coding_;
  std::optional<BextFields> bext_;
  std::optional<std::uint64_t> bext_at_;
  std::uint64_t most_riff_bytes_, data_at_ = 0, data_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<WavWriter>> detail::create_wav_writer(const std::filesystem::path& path, const WavWriter::Settings& settings,
                                                             std::uint64_t most_riff_bytes) {
  if (settings.channels < 1 || settings.channels > 1024 || settings.rate.hz < 1)
    return Error{Code::InvalidArgument, fmt::format("{}: {} channels at {} Hz cannot be written", path.string(), settings.channels, settings.rate.hz)};
  TWOPOP_TRY(detail::OutputFile file, detail::OutputFile::create(path));
  auto writer = std::make_unique<FileWavWriter>(std::move(file), settings, most_riff_bytes);
  TWOPOP_CHECK(writer->write_head());
  return std::unique_ptr<WavWriter>(std::move(writer));
}

Result<std::unique_ptr<WavWriter>> WavWriter::create(const std::filesystem::path& path, const Settings& settings) {
  return detail::create_wav_writer(path, settings, kMost32);
}

}  // namespace twopop::media

#include "media/detail/riff.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace twopop::media::detail {
namespace {

static_assert(std::endian::native == std::endian::little, "WAVE files are read in place");

constexpr std::uint32_t kUnknown32 = 0xFFFFFFFFu;
/// Beyond these a metadata chunk is taken as damaged; real ones have some kilobytes.
constexpr std::uint64_t kMostMetadataBytes = 4u << 20;
constexpr std::size_t kMostWarnings = 16;
constexpr std::size_t kMostChunks = 4096;

template <class T>
T little(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

struct ChunkHead {
  std::array<char, 4> id{};
  std::uint32_t size = 0;
  bool is(const char* name) const { return std::memcmp(id.data(), name, 4) == 0; }
  bool plausible() const {
    return std::all_of(id.begin(), id.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  }
  std::string name() const { return std::string(id.data(), 4); }
};

class Walk {
 public:
  explicit Walk(const Bytes& bytes) : bytes_(bytes), end_(bytes.size()) {}

  Result<RiffWave> run() {
    std::array<std::byte, 12> head{};
    TWOPOP_TRY(const std::size_t got, bytes_.read(0, head));
    if (got < head.size())
      return Error{Code::Damaged, fmt::format("the file ends after {} bytes, within its RIFF header", end_), kRemedy};
    wave_.form.assign(reinterpret_cast<const char*>(head.data()), 4);
    if ((wave_.form != "RIFF" && wave_.form != "RF64" && wave_.form != "BW64") || std::memcmp(&head[8], "WAVE", 4) != 0)
      return Error{Code::Unreadable, "not a WAVE file"};
    TWOPOP_CHECK(walk_chunks());
    return finish();
  }

 private:
  static constexpr const char* kRemedy = "copy the file again from its recorder or card";

  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) {
    if (wave_.warnings.size() < kMostWarnings) wave_.warnings.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  Result<ChunkHead> head_at(std::uint64_t at) const {
    std::array<std::byte, 8> raw{};
    TWOPOP_TRY(const std::size_t got, bytes_.read(at, raw));
    ChunkHead head;
    if (got < raw.size()) return head;
    std::memcpy(head.id.data(), raw.data(), 4);
    head.size = little<std::uint32_t>(&raw[4]);
    return head;
  }

  Result<void> walk_chunks() {
    std::uint64_t at = 12;
    for (std::size_t count = 0; at + 8 <= end_; ++count) {
      TWOPOP_TRY(const ChunkHead head, head_at(at));
      if (!head.plausible()) {
        warn("{} bytes after the last chunk are not a chunk", end_ - at);
        break;
      }
      if (count == kMostChunks) {
        warn("more than {} chunks: the rest was not read", kMostChunks);
        break;
      }
      const std::uint64_t body = at + 8;
      std::uint64_t size = stated_size(head);
      if (head.is("data")) {
        TWOPOP_TRY(size, take_data(body, size));
      } else {
        if (size > end_ - body) {
          warn("chunk '{}' states {} bytes, the file has {}", head.name(), size, end_ - body);
          size = end_ - body;
        }
        TWOPOP_CHECK(take_chunk(head, body, size));
      }
      TWOPOP_TRY(at, after(body, size));
    }
    return {};
  }

  /// A chunk of odd size is followed by a pad byte, which some writers forget.
  Result<std::uint64_t> after(std::uint64_t body, std::uint64_t size) {
    const std::uint64_t end = body + size;
    if (size % 2 == 0 || end + 8 > end_) return end + size % 2;
    TWOPOP_TRY(const ChunkHead padded, head_at(end + 1));
    if (padded.plausible()) return end + 1;
    TWOPOP_TRY(const ChunkHead unpadded, head_at(end));
    if (!unpadded.plausible()) return end + 1;
    warn("a chunk of odd size lacks its pad byte at byte {}", end);
    return end;
  }

  std::uint64_t stated_size(const ChunkHead& head) const {
    if (head.size != kUnknown32) return head.size;
    if (head.is("data") && data64_) return data64_;
    const auto listed = sizes64_.find(head.name());
    return listed != sizes64_.end() ? listed->second : head.size;
  }

  Result<std::uint64_t> take_data(std::uint64_t body, std::uint64_t size) {
    const std::uint64_t left = end_ - body;
    if (have_data_) {
      warn("a second data chunk of {} bytes was passed over", size);
      return std::min(size, left);
    }
    std::uint64_t there = size;
    if (size == kUnknown32 && wave_.form == "RIFF" && size > left) {
      warn("the data chunk states no size; took the {} bytes up to the end", left);
      there = left;
    } else if (size > left) {
      warn("the data chunk states {} bytes, the file ends after {}", size, left);
      there = left;
    } else if (size == 0 && left > 0) {
      TWOPOP_TRY(const ChunkHead next, head_at(body));
      const bool chunk_follows = left >= 8 && next.plausible() && next.size <= left - 8;
      if (!chunk_follows) {
        warn("the data chunk states 0 bytes, as a recorder leaves it that was cut off; took the {} bytes up to the end", left);
        there = left;
      }
    }
    have_data_ = true;
    wave_.data_begin = body;
    wave_.data_bytes = there;
    return there;
  }

  Result<std::string> text_of(std::uint64_t body, std::uint64_t size) const {
    std::string text(static_cast<std::size_t>(std::min(size, kMostMetadataBytes)), '\0');
    TWOPOP_TRY(const std::size_t got, bytes_.read(body, std::as_writable_bytes(std::span(text))));
    text.resize(got);
    return text;
  }

  Result<void> take_chunk(const ChunkHead& head, std::uint64_t body, std::uint64_t size) {
    if (head.is("fmt ")) return take_format(body, size);
    if (head.is("ds64")) return take_ds64(body, size);
    if (head.is("bext") && wave_.bext.empty()) {
      TWOPOP_TRY(wave_.bext, text_of(body, size));
    } else if (head.is("iXML") && wave_.ixml.empty()) {
      TWOPOP_TRY(wave_.ixml, text_of(body, size));
    } else if (head.is("LIST")) {
      TWOPOP_TRY(const std::string list, text_of(body, std::min<std::uint64_t>(size, 1u << 16)));
      take_info(list);
    }
    return {};
  }

  Result<void> take_ds64(std::uint64_t body, std::uint64_t size) {
    std::vector<std::byte> raw(static_cast<std::size_t>(std::min<std::uint64_t>(size, 1u << 16)));
    TWOPOP_TRY(const std::size_t got, bytes_.read(body, raw));
    if (got < 24) {
      warn("the ds64 chunk has {} bytes instead of 28", got);
      return {};
    }
    data64_ = little<std::uint64_t>(&raw[8]);
    if (got < 28) return {};
    const std::size_t listed = std::min<std::size_t>(little<std::uint32_t>(&raw[24]), (got - 28) / 12);
    for (std::size_t i = 0; i < listed; ++i)
      sizes64_[std::string(reinterpret_cast<const char*>(&raw[28 + i * 12]), 4)] = little<std::uint64_t>(&raw[32 + i * 12]);
    return {};
  }

  Result<void> take_format(std::uint64_t body, std::uint64_t size) {
    if (have_format_) {
      warn("a second format chunk was passed over");
      return {};
    }
    std::array<std::byte, 40> f{};
    TWOPOP_TRY(const std::size_t got, bytes_.read(body, std::span(f).first(static_cast<std::size_t>(std::min<std::uint64_t>(size, f.size())))));
    if (got < 16) return Error{Code::Damaged, fmt::format("the format chunk has {} bytes instead of 16", got), kRemedy};
    have_format_ = true;
    wave_.format_tag = little<std::uint16_t>(&f[0]);
    wave_.channels = little<std::uint16_t>(&f[2]);
    const std::uint32_t rate = little<std::uint32_t>(&f[4]);
    const int block = little<std::uint16_t>(&f[12]);
    wave_.bits = little<std::uint16_t>(&f[14]);
    if (wave_.format_tag == 0xFFFE) {
      if (got < 40) return Error{Code::Damaged, fmt::format("the extensible format chunk has {} bytes instead of 40", got), kRemedy};
      if (const int valid = little<std::uint16_t>(&f[18])) wave_.bits = std::min(valid, wave_.bits);
      wave_.channel_mask = little<std::uint32_t>(&f[20]);
      wave_.format_tag = little<std::uint16_t>(&f[24]);
    }
    if (wave_.channels == 0) return Error{Code::Damaged, "the format chunk states 0 channels", kRemedy};
    if (rate == 0 || rate > 0x7fffffffu) return Error{Code::Damaged, fmt::format("the format chunk states a rate of {} Hz", rate), kRemedy};
    wave_.rate_hz = static_cast<std::int32_t>(rate);
    wave_.coding = coding_of(block);
    return {};
  }

  SampleCoding coding_of(int block) {
    int bytes = block / wave_.channels;
    if (block % wave_.channels != 0 || bytes * 8 < wave_.bits || bytes == 0) {
      const int meant = (wave_.bits + 7) / 8;
      if (wave_.format_tag == 1 || wave_.format_tag == 3)
        warn("the format chunk states {} bytes a frame for {} channels of {} bits; took {}", block, wave_.channels, wave_.bits,
             meant * wave_.channels);
      bytes = meant;
    }
    if (wave_.format_tag == 1) {
      switch (bytes) {
        case 1: return SampleCoding::Unsigned8;
        case 2: return SampleCoding::Int16;
        case 3: return SampleCoding::Int24;
        case 4: return SampleCoding::Int32;
        default: return SampleCoding::Other;
      }
    }
    if (wave_.format_tag == 3 && bytes == 4) return SampleCoding::Float32;
    if (wave_.format_tag == 3 && bytes == 8) return SampleCoding::Float64;
    return SampleCoding::Other;
  }

  void take_info(const std::string& list) {
    if (list.compare(0, 4, "INFO") != 0) return;
    std::size_t at = 4;
    while (at + 8 <= list.size()) {
      const std::string name = list.substr(at, 4);
      const std::size_t size = little<std::uint32_t>(reinterpret_cast<const std::byte*>(list.data()) + at + 4);
      const std::size_t there = std::min(size, list.size() - at - 8);
      std::string text = list.substr(at + 8, there);
      text.resize(std::min(text.size(), text.find('\0')));
      if (!text.empty()) wave_.info[name] = text;
      at += 8 + there + there % 2;
    }
  }

  Result<RiffWave> finish() {
    if (!have_format_) return Error{Code::Damaged, "the file has no format chunk", kRemedy};
    if (!have_data_) return Error{Code::Damaged, "the file has no data chunk: it ends before its first sample", kRemedy};
    if (const std::uint64_t frame = wave_.frame_bytes()) {
      if (const std::uint64_t over = wave_.data_bytes % frame) {
        warn("the last frame has {} of {} bytes and was left out", over, frame);
        wave_.data_bytes -= over;
      }
    }
    return std::move(wave_);
  }

  const Bytes& bytes_;
  std::uint64_t end_;
  RiffWave wave_;
  std::uint64_t data64_ = 0;
  std::map<std::string, std::uint64_t> sizes64_;
  bool have_format_ = false, have_data_ = false;
};

}  // namespace

bool looks_like_wave(const Bytes& bytes) {
  std::array<std::byte, 12> head{};
  const auto got = bytes.read(0, head);
  if (!got || *got < 4) return false;
  const bool riff = std::memcmp(head.data(), "RIFF", 4) == 0 || std::memcmp(head.data(), "RF64", 4) == 0 ||
                    std::memcmp(head.data(), "BW64", 4) == 0;
  return riff && (*got < 12 || std::memcmp(&head[8], "WAVE", 4) == 0);
}

Result<RiffWave> read_riff(const Bytes& bytes) { return Walk(bytes).run(); }

}  // namespace twopop::media::detail

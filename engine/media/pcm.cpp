#include "media/detail/pcm.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace twopop::media::detail {
namespace {

template <class T>
T load(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

/// Each coding: its size in bytes and one sample as float.
struct FromUnsigned8 {
  static constexpr std::ptrdiff_t kSize = 1;
  static float value(const std::byte* p) { return static_cast<float>(static_cast<int>(*p) - 128) * 0x1p-7f; }
};
struct FromInt16 {
  static constexpr std::ptrdiff_t kSize = 2;
  static float value(const std::byte* p) { return static_cast<float>(load<std::int16_t>(p)) * 0x1p-15f; }
};
struct FromInt24 {
  static constexpr std::ptrdiff_t kSize = 3;
  static float value(const std::byte* p) {
    const std::uint32_t bits = static_cast<std::uint32_t>(load<std::uint16_t>(p)) << 8 | static_cast<std::uint32_t>(p[2]) << 24;
    return static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-31f;
  }
};
struct FromInt32 {
  static constexpr std::ptrdiff_t kSize = 4;
  static float value(const std::byte* p) { return static_cast<float>(load<std::int32_t>(p)) * 0x1p-31f; }
};
struct FromFloat32 {
  static constexpr std::ptrdiff_t kSize = 4;
  static float value(const std::byte* p) {
    const float v = load<float>(p);
    return std::fabs(v) <= 3.4e38f ? v : 0.0f;
  }
};
struct FromFloat64 {
  static constexpr std::ptrdiff_t kSize = 8;
  static float value(const std::byte* p) {
    const double v = load<double>(p);
    return std::fabs(v) <= 3.4e38 ? static_cast<float>(v) : 0.0f;
  }
};

template <class From>
[[gnu::optimize("tree-vectorize")]] void spread(const std::byte* from, AudioView<float> out) {
  const std::int64_t frames = out.frames();
  const std::ptrdiff_t step = From::kSize * out.channels();
  if (out.channels() == 2) {
    float* __restrict left = out.channel(0);
    float* __restrict right = out.channel(1);
    for (std::int64_t i = 0; i < frames; ++i) {
      left[i] = From::value(from + i * 2 * From::kSize);
      right[i] = From::value(from + (i * 2 + 1) * From::kSize);
    }
    return;
  }
  if (out.channels() == 1) {
    float* __restrict only = out.channel(0);
    for (std::int64_t i = 0; i < frames; ++i) only[i] = From::value(from + i * From::kSize);
    return;
  }
  for (int c = 0; c < out.channels(); ++c) {
    float* __restrict to = out.channel(c);
    const std::byte* p = from + c * From::kSize;
    for (std::int64_t i = 0; i < frames; ++i, p += step) to[i] = From::value(p);
  }
}

/// Nearest integer of a full-scale value, halves to even; NaN is 0.
std::int32_t rounded(double x, double scale, double most) {
  const double scaled = std::min(std::max(x * scale, -scale), most);
  return scaled == scaled ? static_cast<std::int32_t>(std::nearbyint(scaled)) : 0;
}

#ifdef __AVX2__
/// Eight 24-bit samples as floats; reads 28 bytes.
__m256 eight_of_24(const std::byte* p) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 12));
  const __m128i to_top = _mm_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11);
  const __m256i top = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), _mm256_broadcastsi128_si256(to_top));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(top), _mm256_set1_ps(0x1p-31f));
}

/// The same values as FromInt24 for one and two channels, eight samples at a time. Returns how many frames are done.
std::int64_t spread_24(const std::byte* from, AudioView<float> out) {
  std::int64_t i = 0;
  if (out.channels() == 1)
    for (; i + 10 <= out.frames(); i += 8) _mm256_storeu_ps(out.channel(0) + i, eight_of_24(from + 3 * i));
  if (out.channels() == 2)
    for (; i + 9 <= out.frames(); i += 8) {
      const __m256 a = eight_of_24(from + 6 * i), b = eight_of_24(from + 6 * i + 24);
      const __m256 first = _mm256_permute2f128_ps(a, b, 0x20), last = _mm256_permute2f128_ps(a, b, 0x31);
      _mm256_storeu_ps(out.channel(0) + i, _mm256_shuffle_ps(first, last, 0x88));
      _mm256_storeu_ps(out.channel(1) + i, _mm256_shuffle_ps(first, last, 0xdd));
    }
  return i;
}

/// Eight full-scale values as 24-bit samples, as `rounded` does it; writes 28 bytes.
void eight_to_24(__m256 x, std::byte* p) {
  const __m256 scaled = _mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(x, _mm256_set1_ps(0x1p23f)), _mm256_set1_ps(-0x1p23f)), _mm256_set1_ps(0x1p23f - 1));
  const __m256 is_number = _mm256_cmp_ps(x, x, _CMP_ORD_Q);
  const __m256i whole = _mm256_cvtps_epi32(_mm256_and_ps(scaled, is_number));
  const __m128i to_low = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const __m256i packed = _mm256_shuffle_epi8(whole, _mm256_broadcastsi128_si256(to_low));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(packed));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 12), _mm256_extracti128_si256(packed, 1));
}

/// Writes one and two channels, eight samples at a time. Returns how many frames are done.
std::int64_t pack_24(AudioView<const float> from, std::byte* out) {
  std::int64_t i = 0;
  if (from.channels() == 1)
    for (; i + 10 <= from.frames(); i += 8) eight_to_24(_mm256_loadu_ps(from.channel(0) + i), out + 3 * i);
  if (from.channels() == 2)
    for (; i + 5 <= from.frames(); i += 4) {
      const __m128 left = _mm_loadu_ps(from.channel(0) + i), right = _mm_loadu_ps(from.channel(1) + i);
      eight_to_24(_mm256_set_m128(_mm_unpackhi_ps(left, right), _mm_unpacklo_ps(left, right)), out + 6 * i);
    }
  return i;
}
#endif

}  // namespace

void planar_of(const std::byte* from, SampleCoding coding, AudioView<float> out) {
  switch (coding) {
    case SampleCoding::Unsigned8: return spread<FromUnsigned8>(from, out);
    case SampleCoding::Int16: return spread<FromInt16>(from, out);
    case SampleCoding::Int24: {
#ifdef __AVX2__
      const std::int64_t done = spread_24(from, out);
      return spread<FromInt24>(from + done * 3 * out.channels(), out.sub(done, out.frames() - done));
#else
      return spread<FromInt24>(from, out);
#endif
    }
    case SampleCoding::Int32: return spread<FromInt32>(from, out);
    case SampleCoding::Float32: return spread<FromFloat32>(from, out);
    case SampleCoding::Float64: return spread<FromFloat64>(from, out);
    case SampleCoding::Other: break;
  }
  TWOPOP_ASSERT(coding != SampleCoding::Other);
}

void interleaved_of(AudioView<const float> from, SampleCoding coding, std::byte* out) {
  const std::ptrdiff_t size = bytes_of(coding);
#ifdef __AVX2__
  if (coding == SampleCoding::Int24 && from.channels() <= 2) {
    const std::int64_t done = pack_24(from, out);
    out += done * size * from.channels();
    from = from.sub(done, from.frames() - done);
  }
#endif
  const std::ptrdiff_t step = size * from.channels();
  for (int c = 0; c < from.channels(); ++c) {
    const float* in = from.channel(c);
    std::byte* p = out + c * size;
    const std::int64_t frames = from.frames();
    switch (coding) {
      case SampleCoding::Int16:
        for (std::int64_t i = 0; i < frames; ++i, p += step) {
          const auto v = static_cast<std::int16_t>(rounded(in[i], 0x1p15, 0x1p15 - 1));
          std::memcpy(p, &v, 2);
        }
        break;
      case SampleCoding::Int24:
        for (std::int64_t i = 0; i < frames; ++i, p += step) {
          const std::int32_t v = rounded(in[i], 0x1p23, 0x1p23 - 1);
          std::memcpy(p, &v, 3);
        }
        break;
      case SampleCoding::Int32:
        for (std::int64_t i = 0; i < frames; ++i, p += step) {
          const std::int32_t v = rounded(in[i], 0x1p31, 0x1p31 - 1);
          std::memcpy(p, &v, 4);
        }
        break;
      case SampleCoding::Float32:
        for (std::int64_t i = 0; i < frames; ++i, p += step) {
          const float v = in[i] == in[i] ? in[i] : 0.0f;
          std::memcpy(p, &v, 4);
        }
        break;
      default: TWOPOP_ASSERT(coding == SampleCoding::Float32);
    }
  }
}

}  // namespace twopop::media::detail

#pragma once

#include "media/media.h"

namespace twopop::media::detail {

/// WavWriter::create with another size from which a file is RF64: tests cannot write 4 GiB each time.
Result<std::unique_ptr<WavWriter>> create_wav_writer(const std::filesystem::path& path, const WavWriter::Settings& settings,
                                                     std::uint64_t most_riff_bytes);

}  // namespace twopop::media::detail

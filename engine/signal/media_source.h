#pragma once

#include "signal/media_pool.h"
#include "signal/node.h"

namespace twopop::signal {

/// A file's own samples at its own rate. Nothing is read until it is heard. Direct PCM is read in place; other codecs
/// are decoded linearly and kept.
Signal media_source(std::shared_ptr<MediaPool> pool, const MediaDescription& media);

}  // namespace twopop::signal

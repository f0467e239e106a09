#pragma once

#include "core/time.h"

#include <vector>

/// Sets of stretches of film time: sorted, not overlapping.
namespace twopop::phases {

std::vector<SampleRange> unite(std::vector<SampleRange> ranges);
std::vector<SampleRange> intersect(const std::vector<SampleRange>& a, const std::vector<SampleRange>& b);
std::vector<SampleRange> subtract(const std::vector<SampleRange>& a, const std::vector<SampleRange>& b);
SampleCount total(const std::vector<SampleRange>& ranges);

}  // namespace twopop::phases

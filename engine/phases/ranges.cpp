#include "phases/ranges.h"

namespace twopop::phases {

std::vector<SampleRange> unite(std::vector<SampleRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<SampleRange> united;
  for (const SampleRange& r : ranges) {
    if (r.empty()) continue;
    if (!united.empty() && r.begin <= united.back().end)
      united.back().end = std::max(united.back().end, r.end);
    else
      united.push_back(r);
  }
  return united;
}

std::vector<SampleRange> intersect(const std::vector<SampleRange>& a, const std::vector<SampleRange>& b) {
  std::vector<SampleRange> both;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (const SampleRange r = intersection(a[i], b[j]); !r.empty()) both.push_back(r);
    (a[i].end < b[j].end ? i : j) += 1;
  }
  return both;
}

std::vector<SampleRange> subtract(const std::vector<SampleRange>& a, const std::vector<SampleRange>& b) {
  std::vector<SampleRange> rest;
  for (SampleRange r : a) {
    for (const SampleRange& hole : b) {
      if (!hole.overlaps(r)) continue;
      if (hole.begin > r.begin) rest.push_back({r.begin, hole.begin});
      r.begin = std::max(r.begin, hole.end);
      if (r.empty()) break;
    }
    if (!r.empty()) rest.push_back(r);
  }
  return rest;
}

SampleCount total(const std::vector<SampleRange>& ranges) {
  SampleCount sum{};
  for (const SampleRange& r : ranges) sum = sum + r.length();
  return sum;
}

}  // namespace twopop::phases

#pragma once

#include <mutex>

namespace twopop::dsp {

/// FFTW makes and destroys plans one at a time in a process; executing them needs no lock.
/// Every use of FFTW's planner, in any room, holds this (and plans with FFTW_ESTIMATE, without wisdom, so that
/// the same plan is made every time).
inline std::mutex& fftw_planner_lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace twopop::dsp

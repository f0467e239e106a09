#pragma once

#include "session/document.h"

#include <string>
#include <vector>

namespace twopop::phases {

/// What a file says, or its name gives away, of where it was recorded.
struct RecordingLabel {
  std::string device, scene, take;
};
/// Metadata first; else from the name: "A001_C003" is camera A, "REC_0007" device REC, "27B_T3_lav" scene 27B, take 3.
RecordingLabel label_of(const session::Media& media);

/// Files that belong together: one scene and take, or, where these are not stated, one device and day.
struct RecordingGroup {
  RecordingLabel label;
  std::vector<session::Id> media;  ///< in order of time where known, then of name
};
/// Rushes and recordings of a document, grouped by scene, take and device.
std::vector<RecordingGroup> organise(const session::Document& document);

}  // namespace twopop::phases

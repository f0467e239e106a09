#pragma once

#include "core/text.h"
#include "media/media.h"

#include <string>
#include <string_view>
#include <vector>

namespace twopop::media::detail {

/// Takes the fields of a bext chunk (EBU Tech 3285 v0 to v2), also those that recorders hide in its description
/// ("sSCENE=12A", "gTAKE=03", "SPEED=25.000ND"). A chunk that is cut short gives what it still holds.
void read_bext(std::string_view chunk, Metadata& into, std::vector<std::string>& warnings);

/// Takes the fields of an iXML chunk. Forgives padding, odd encodings, undeclared prefixes and a cut-off end.
/// What is already there is replaced, except a time reference: of that, bext's is the one that counts.
void read_ixml(std::string_view chunk, Metadata& into, std::vector<std::string>& warnings);

/// Finds the start label from time reference, its rate and the timecode rate, where all are known.
/// `file_rate` is used where no counting rate is stated.
void resolve_timecode(Metadata& metadata, SampleRate file_rate);

/// "23.976", "24000/1001", "29.97", "30/1", with DF/ND in `flag`; empty where it is no rate we know.
std::optional<TimecodeRate> recorder_rate(std::string_view speed, std::string_view flag);

}  // namespace twopop::media::detail

#include "deliver/sheet_files.h"

#include "deliver/detail/text_file.h"
#include "interchange/sheets.h"

namespace twopop::deliver {

Result<void> write_sheets(const BuildPlace& place, BuildOutcome& build) {
  const std::filesystem::path folder = place.bundle / "out" / "sheets";
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Code::IoFailed, fmt::format("{}: {}", folder.string(), failed.message()), "check the disk and the folder's permissions"};
  const session::Document& document = build.document;
  for (const auto& [name, file, text] : {std::tuple{"ADR cues", "adr.csv", interchange::adr_sheet(document)}, {"Foley cues", "foley.csv", interchange::foley_sheet(document)},
                                         {"music cues", "music.csv", interchange::music_sheet(document)}}) {
    TWOPOP_TRY(const bool written, detail::write_text(folder / file, text));
    build.outputs.push_back({name, folder / file, written});
  }
  return {};
}

}  // namespace twopop::deliver

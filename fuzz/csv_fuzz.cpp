#include "interchange/csv.h"

#include "core/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop;
  using namespace twopop::interchange;
  const CsvTable table = read_csv({reinterpret_cast<const char*>(data), size});
  TWOPOP_ASSERT(table.rows.size() == table.lines.size());
  table.column({"time_s", "in"});
  table.cell(0, 0);
  // What is written reads as the same cells.
  const CsvTable again = read_csv(write_csv(table.rows, table.separator), table.separator);
  TWOPOP_ASSERT(again.rows.size() == table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) TWOPOP_ASSERT(again.rows[i] == table.rows[i]);
  return 0;
}

#include "session/schema.h"

#include "session/document.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace twopop::session {
namespace {

TEST(Schema, the_published_files_are_what_the_engine_writes) {
  for (const SchemaFile& file : session_schema_files()) {
    std::ifstream in(std::filesystem::path(TWOPOP_SOURCE_DIR) / "schema" / file.name);
    std::stringstream text;
    text << in.rdbuf();
    EXPECT_TRUE(text.str() == file.text) << "schema/" << file.name << " is out of date: run `twopop schema --write schema`";
  }
}

namespace one {
struct Item {
  int a = 0;
  static constexpr auto fields() { return std::make_tuple(field("a", &Item::a, "A")); }
};
}  // namespace one
namespace two {
struct Item {
  one::Item inner;
  std::vector<Item> nested;
  static constexpr auto fields() { return std::make_tuple(field("inner", &Item::inner, "I"), field("nested", &Item::nested, "N")); }
};
}  // namespace two

TEST(Schema, types_that_share_a_name_are_told_apart_by_their_namespace) {
  const TypeRef roots[] = {&type_of<two::Item>};
  const std::string text = typescript(roots);
  EXPECT_NE(text.find("export interface OneItem {"), std::string::npos) << text;
  EXPECT_NE(text.find("nested: Array<TwoItem>;"), std::string::npos) << text;
}

}  // namespace
}  // namespace twopop::session

#include "net/policy.h"
#include "net/ranges.h"
#include "net/router.h"
#include "net/url.h"

#include <gtest/gtest.h>

namespace twopop::server {
namespace {

std::string range_text(std::string_view header, std::uint64_t size) {
  const RangeAnswer answer = parse_range(header, size);
  if (answer.kind == RangeKind::Whole) return "whole";
  if (answer.kind == RangeKind::NotSatisfiable) return "416";
  return fmt::format("{}-{}", answer.range.begin, answer.range.end);
}

// RFC 9110, 14.1.2: of a representation of 10000 bytes.
TEST(Ranges, the_forms_of_the_rfc_name_the_bytes_that_it_says) {
  EXPECT_EQ(range_text("bytes=0-499", 10000), "0-500");
  EXPECT_EQ(range_text("bytes=500-999", 10000), "500-1000");
  EXPECT_EQ(range_text("bytes=-500", 10000), "9500-10000");
  EXPECT_EQ(range_text("bytes=9500-", 10000), "9500-10000");
  EXPECT_EQ(range_text("bytes=0-0", 10000), "0-1");
  EXPECT_EQ(range_text("bytes=-1", 10000), "9999-10000");
  EXPECT_EQ(range_text("bytes= 5 - 7", 10000), "5-8");
}

TEST(Ranges, an_end_beyond_the_file_is_the_files_end_and_a_begin_beyond_it_is_refused) {
  EXPECT_EQ(range_text("bytes=9000-99999999999999999999999", 10000), "9000-10000");
  EXPECT_EQ(range_text("bytes=-99999", 10000), "0-10000");
  EXPECT_EQ(range_text("bytes=10000-", 10000), "416");
  EXPECT_EQ(range_text("bytes=18446744073709551615-18446744073709551616", 10000), "416");
  EXPECT_EQ(range_text("bytes=-0", 10000), "416");
  EXPECT_EQ(range_text("bytes=0-", 0), "416");
}

TEST(Ranges, ranges_that_touch_are_one_and_others_get_the_whole) {
  EXPECT_EQ(range_text("bytes=0-4,5-9", 100), "0-10");
  EXPECT_EQ(range_text("bytes=5-9,0-6", 100), "0-10");
  EXPECT_EQ(range_text("bytes=0-4,500-", 100), "0-5");
  EXPECT_EQ(range_text("bytes=0-4,50-60", 100), "whole");
  EXPECT_EQ(range_text("bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0", 100), "whole");
}

TEST(Ranges, what_cannot_be_read_is_passed_over) {
  for (const char* bad : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-5", "bytes=1-2x", "items=0-4", "bytes=+1-2", "bytes=0x1-", "bytes=,,", "bytes=--5"})
    EXPECT_EQ(range_text(bad, 100), "whole") << bad;
}

TEST(Url, a_path_never_climbs_however_it_is_written) {
  for (const char* bad : {"/..", "/a/../b", "/%2e%2e/etc/passwd", "/a/%2E./b", "/a/./b", "//etc/passwd", "/a//b", "/%00", "/a%5c..%5cb", "/..%2f..", "a", "", "*", "/%", "/%4", "/%zz", "http://x/"})
    EXPECT_FALSE(parse_target(bad)) << bad;
  const auto fine = parse_target("/api/films/a%20b/out/x.wav?last=5&q=a+b%26c&flag");
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->path, "/api/films/a b/out/x.wav");
  EXPECT_EQ(fine->query.at("last"), "5");
  EXPECT_EQ(fine->query.at("q"), "a b&c");
  EXPECT_EQ(fine->query.at("flag"), "");
}

TEST(Policy, a_name_that_was_bound_to_our_address_is_not_ours) {
  EXPECT_TRUE(host_is_ours("127.0.0.1:8484", "127.0.0.1", {}));
  EXPECT_TRUE(host_is_ours("LocalHost:9000", "127.0.0.1", {}));
  EXPECT_TRUE(host_is_ours("[::1]:8484", "::1", {}));
  EXPECT_TRUE(host_is_ours("10.0.0.7:8484", "::ffff:10.0.0.7", {}));
  EXPECT_TRUE(host_is_ours("studio.lan:8484", "10.0.0.7", {"studio.lan"}));
  for (const char* bad : {"", "evil.example:8484", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.2:1", "localhost:x", "localhost:123456", "[::1", "a b"})
    EXPECT_FALSE(host_is_ours(bad, "127.0.0.1", {})) << bad;
  EXPECT_FALSE(host_is_ours("localhost", "10.0.0.7", {}));
}

TEST(Policy, an_origin_is_ours_with_scheme_name_and_port_alone) {
  EXPECT_TRUE(origin_is_ours("http://127.0.0.1:8484", "127.0.0.1:8484", false));
  EXPECT_TRUE(origin_is_ours("https://studio.lan", "studio.lan:443", true));
  for (const char* bad : {"", "null", "http://127.0.0.1", "http://127.0.0.1:8485", "https://127.0.0.1:8484", "http://127.0.0.1:8484.evil", "http://localhost:8484"})
    EXPECT_FALSE(origin_is_ours(bad, "127.0.0.1:8484", false)) << bad;
}

TEST(Router, fixed_segments_go_before_names_and_names_before_the_rest) {
  const auto route = [](const char* method, const char* pattern) {
    Route out;
    out.method = method;
    out.pattern = pattern;
    return out;
  };
  const std::vector<Route> routes{route("GET", "/api/films/{film}/{what}"), route("GET", "/api/films/{film}/out/{path...}"), route("GET", "/api/films/{film}/board"),
                                  route("POST", "/api/films/{film}/board")};
  const Router router(routes);
  EXPECT_EQ(router.find("GET", "/api/films/a/board").route, &routes[2]);
  EXPECT_EQ(router.find("POST", "/api/films/a/board").route, &routes[3]);
  EXPECT_EQ(router.find("HEAD", "/api/films/a/sounds").route, &routes[0]);
  const auto out = router.find("GET", "/api/films/a/out/stems/x.wav");
  EXPECT_EQ(out.route, &routes[1]);
  EXPECT_EQ(out.in_path.at("film"), "a");
  EXPECT_EQ(out.in_path.at("path"), "stems/x.wav");
  EXPECT_EQ(router.find("GET", "/api/films//board").route, nullptr);
  EXPECT_EQ(router.find("GET", "/api/films/a/out/").route, nullptr);
  const auto sound = router.find("GET", parse_target("/api/films/a/clip%3Adesign%2Fbed-1")->segments);
  EXPECT_EQ(sound.route, &routes[0]);
  EXPECT_EQ(sound.in_path.at("what"), "clip:design/bed-1") << "a slash that was written as %2F belongs to the name";
  const auto wrong = router.find("PUT", "/api/films/a/board");
  EXPECT_EQ(wrong.route, nullptr);
  EXPECT_EQ(wrong.allowed, (std::vector<std::string>{"GET", "POST", "HEAD", "OPTIONS"}));
}

TEST(Tags, a_list_of_tags_names_one_of_its_own_weak_or_not) {
  EXPECT_TRUE(names_tag("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(names_tag("*", "\"b\""));
  EXPECT_FALSE(names_tag("\"a\", \"c\"", "\"b\""));
  EXPECT_FALSE(names_tag("", "\"b\""));
}

}  // namespace
}  // namespace twopop::server

#include "corpus.h"
#include "interchange/script.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

namespace twopop::interchange {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(test::shared_folder() / "interchange/script" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> found(const std::string& dump, const char* pattern) {
  std::vector<std::string> all;
  const std::regex r(pattern);
  for (std::sregex_iterator i(dump.begin(), dump.end(), r), none; i != none; ++i) all.push_back((*i)[1]);
  return all;
}

TEST(Script, characters_are_those_of_the_reference_dumps) {
  TWOPOP_NEEDS_SHARED();
  for (const char* name : {"Character", "SceneHeading", "Notes"}) {
    const Script script = read_script(file(std::string(name) + ".fountain"), ScriptFormat::Fountain);
    std::vector<std::string> spoken, wanted = found(file(std::string(name) + ".txt"), "CHARACTER:\"([^\"]*)\"");
    for (const ScriptLine& line : script.lines) spoken.push_back(line.character);
    for (std::string& character : wanted)
      for (char& c : character) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(spoken, wanted) << name;
  }
}

TEST(Script, words_are_those_of_the_reference_dump) {
  TWOPOP_NEEDS_SHARED();
  const Script script = read_script(file("Character.fountain"), ScriptFormat::Fountain);
  const auto wanted = found(file("Character.txt"), "DIALOGUE:\"([^\"]*)\"");
  ASSERT_EQ(script.lines.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(script.lines[i].text, wanted[i]);
  EXPECT_EQ(script.lines[4].extension, "(O. S.)");
  EXPECT_EQ(script.lines[2].extension, "") << "(CONT'D) says nothing about the sound";
}

TEST(Script, parentheticals_are_directions_and_lines_of_spaces_go_on) {
  TWOPOP_NEEDS_SHARED();
  const Script script = read_script(file("Dialogue.fountain"), ScriptFormat::Fountain);
  ASSERT_EQ(script.lines.size(), 4u);
  EXPECT_EQ(script.lines[1].text, "Then let\xe2\x80\x99s retire them. Permanently.");
  EXPECT_EQ(script.lines[2].direction, "slowly; loudly");
  EXPECT_EQ(script.lines[2].text, "Trying this. Also trying this?");
  EXPECT_EQ(script.lines[3].text, "I am a little fish.");
  EXPECT_EQ(script.characters(), (std::vector<std::string>{"SANBORN", "DAN", "BOB", "FISH"}));
}

TEST(Script, headings_and_their_numbers_are_those_of_the_reference_dump) {
  TWOPOP_NEEDS_SHARED();
  const Script script = read_script(file("SceneHeading.fountain"), ScriptFormat::Fountain);
  const std::string dump = file("SceneHeading.txt");
  const auto wanted = found(dump, "HEADING:\"([^\"]*)\"");
  ASSERT_EQ(script.scenes.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(script.scenes[i].heading, wanted[i]);
  EXPECT_EQ(script.scenes[3].number, "3");
  EXPECT_EQ(script.scenes[4].number, "A3-1");
  EXPECT_EQ(script.lines[0].scene, 0);
  EXPECT_EQ(script.lines[1].scene, 2);
}

TEST(Script, a_whole_screenplay_has_its_lines_in_their_scenes) {
  TWOPOP_NEEDS_SHARED();
  const Script script = read_script(file("TestFDX-FD.fountain"));
  ASSERT_EQ(script.scenes.size(), 2u);
  ASSERT_EQ(script.lines.size(), 4u);
  EXPECT_EQ(script.lines[0].character, "DJ");
  EXPECT_EQ(script.lines[2].extension, "(O.S.)");
  EXPECT_EQ(script.lines[3].text, "Maybe there's a job for me here.");
  EXPECT_EQ(script.lines[3].scene, 1);
  EXPECT_EQ(script.lines[3].line, 24);
}

TEST(Script, title_page_is_no_dialogue) {
  const Script script = read_script("Title:\n\t_**BRICK & STEEL**_\nCredit: Written by\nAuthor: Somebody\n\nINT. HALL - DAY\n\nANNA\n~La la\n*Stop* it!\n", ScriptFormat::Fountain);
  EXPECT_EQ(script.title, "BRICK & STEEL");
  ASSERT_EQ(script.lines.size(), 1u);
  EXPECT_EQ(script.lines[0].text, "La la Stop it!");
}

TEST(Script, notes_and_boneyard_are_left_out_and_lines_keep_their_numbers) {
  const Script script = read_script("/* cut:\nOLD\nGone.\n*/\n\nANNA\nHello[[softly?]].\n", ScriptFormat::Fountain);
  ASSERT_EQ(script.lines.size(), 1u);
  EXPECT_EQ(script.lines[0].text, "Hello.");
  EXPECT_EQ(script.lines[0].line, 7);
}

TEST(Script, plain_lists_of_lines_are_understood) {
  const Script script = read_script("Anna: Where are you?\nBEN (V.O.): Here.\n\nINT. HALL\nsomebody laughs\nAt 10:15 they leave\n");
  ASSERT_EQ(script.lines.size(), 4u);
  EXPECT_EQ(script.lines[0].character, "ANNA");
  EXPECT_EQ(script.lines[1].character, "BEN");
  EXPECT_EQ(script.lines[1].extension, "(V.O.)");
  EXPECT_EQ(script.lines[2].character, "");
  EXPECT_EQ(script.lines[2].scene, 0);
  EXPECT_EQ(script.lines[3].text, "At 10:15 they leave");
}

TEST(Script, nothing_is_an_empty_script) { EXPECT_TRUE(read_script("").lines.empty()); }

}  // namespace
}  // namespace twopop::interchange

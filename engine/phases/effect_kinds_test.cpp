#include "phases/detail/effect_steps.h"
#include "phases/effect_kinds.h"

#include <gtest/gtest.h>

namespace twopop::phases {
namespace {

session::EffectStep usual(const EffectKind& kind) {
  session::EffectStep step;
  step.kind = kind.kind;
  for (const Control& control : kind.numbers) step.numbers[control.key] = control.usual;
  for (const WordControl& word : kind.words) step.texts[word.key] = word.choices.empty() ? "impulse" : word.choices.front();
  return step;
}

TEST(EffectKinds, every_step_of_the_table_is_made_at_its_usual_settings_and_at_its_ends) {
  for (const EffectKind& kind : effect_kinds()) {
    const auto made = detail::chain_of({{"s", usual(kind)}});
    EXPECT_TRUE(made.ok()) << kind.kind << ": " << (made.ok() ? "" : made.error().message);
    for (const Control& control : kind.numbers) {
      EXPECT_LE(control.least, control.usual) << kind.kind << " " << control.key;
      EXPECT_LE(control.usual, control.most) << kind.kind << " " << control.key;
      for (const double end : {control.least, control.most}) {
        session::EffectStep step = usual(kind);
        step.numbers[control.key] = end;
        EXPECT_TRUE(detail::chain_of({{"s", step}}).ok()) << kind.kind << " " << control.key << " " << end;
      }
    }
    for (const WordControl& word : kind.words)
      for (const std::string& choice : word.choices) {
        session::EffectStep step = usual(kind);
        step.texts[word.key] = choice;
        EXPECT_TRUE(detail::chain_of({{"s", step}}).ok()) << kind.kind << " " << choice;
      }
  }
}

TEST(EffectKinds, what_is_not_in_the_table_is_refused_by_its_name) {
  session::EffectStep step = usual(effect_kinds().front());
  step.numbers["frequence_hz"] = 1;
  const auto number = detail::chain_of({{"s", step}});
  ASSERT_FALSE(number.ok());
  EXPECT_NE(number.error().message.find("frequence_hz"), std::string::npos);
  EXPECT_NE(number.error().remedy.find("frequency_hz"), std::string::npos);
  step = {};
  step.kind = "sparkle";
  const auto kind = detail::chain_of({{"s", step}});
  ASSERT_FALSE(kind.ok());
  EXPECT_NE(kind.error().remedy.find("futz"), std::string::npos);
}

TEST(EffectKinds, synthesisers_have_the_numbers_of_their_settings) {
  for (const EffectKind& kind : synth_kinds()) {
    ASSERT_FALSE(kind.numbers.empty()) << kind.kind;
    EXPECT_EQ(kind.numbers.front().key, "level_dbfs");
    for (const Control& control : kind.numbers) EXPECT_LT(control.least, control.most) << kind.kind << " " << control.key;
  }
  EXPECT_EQ(synth_kinds().front().numbers.size(), 6u);
}

}  // namespace
}  // namespace twopop::phases

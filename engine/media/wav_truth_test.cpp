#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

namespace twopop::media {
namespace {

MediaInfo probed(const char* name) {
  auto info = probe(test::shared_folder() / "interchange/wav" / name);
  EXPECT_TRUE(info.ok()) << (info ? "" : info.error().sentence());
  return info ? *info : MediaInfo{};
}

std::string start_of(const MediaInfo& info) {
  const Metadata& m = info.metadata;
  return m.timecode && m.timecode_rate ? to_string(*m.timecode, *m.timecode_rate) + " @" + to_string(*m.timecode_rate) : "none";
}

// Labels: TRUTH.txt beside the files (Wave Agent's display where it says so).

TEST(RecorderFile, sound_devices_23_976_label_differs_from_its_seconds) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("A101_1.WAV");
  EXPECT_EQ(start_of(info), "12:39:59:00 @23.976");
  EXPECT_EQ(info.metadata.scene, "A101");
  EXPECT_EQ(info.metadata.take, "1");
  EXPECT_EQ(info.metadata.roll, "18Y12M31");
  EXPECT_EQ(info.metadata.project, "BMH");
  EXPECT_EQ(info.metadata.time_reference, 2190940753);
  EXPECT_EQ(info.metadata.file_uid, "USSDVGR1112089007124001008206301");
  ASSERT_EQ(info.metadata.tracks.size(), 2u);
  EXPECT_EQ(info.metadata.tracks[0].name, "MKH516 A");
  EXPECT_EQ(info.metadata.tracks[1].name, "Boom");
  EXPECT_EQ(info.audio.at(0).length.value, 240239);
  EXPECT_EQ(info.audio.at(0).bits, 24);
  EXPECT_TRUE(info.audio.at(0).direct);
  EXPECT_TRUE(info.warnings.empty()) << info.warnings[0];
}

TEST(RecorderFile, data_chunk_of_odd_size_after_metadata_is_read_whole) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("A101_1_1.WAV");
  EXPECT_EQ(start_of(info), "12:39:59:00 @23.976");
  EXPECT_EQ(info.audio.at(0).length.value, 240239);
  ASSERT_EQ(info.metadata.tracks.size(), 1u);
  EXPECT_EQ(info.metadata.tracks[0].name, "MKH516 A");
  EXPECT_EQ(info.metadata.other.at("ixml.TOTAL_FILES"), "2");
}

TEST(RecorderFile, third_take_starts_fifteen_seconds_later) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("A101_3.WAV");
  EXPECT_EQ(start_of(info), "12:40:14:00 @23.976");
  EXPECT_EQ(info.metadata.take, "3");
}

TEST(RecorderFile, without_a_frame_rate_has_a_time_but_no_label) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("STE-000.wav");
  EXPECT_EQ(start_of(info), "none");
  ASSERT_TRUE(info.metadata.time_reference);
  EXPECT_EQ(*info.metadata.time_reference / info.metadata.time_reference_rate->hz, 17 * 3600 + 54 * 60 + 35);
  EXPECT_EQ(info.metadata.originator, "ZOOM Handy Recorder H4n");
}

TEST(RecorderFile, zoom_f8_origination_time_is_not_its_start) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("Scene_1_2AG-T001_Tr1.WAV");
  EXPECT_EQ(start_of(info), "22:40:10:00 @25");
  EXPECT_EQ(info.metadata.scene, "Scene_1_2AG");
  EXPECT_EQ(info.metadata.take, "001");
  EXPECT_EQ(info.metadata.circled, std::optional<bool>(false));
  EXPECT_EQ(info.metadata.notes, "Test 01 wavinfo");
  ASSERT_EQ(info.metadata.tracks.size(), 1u);
  EXPECT_EQ(info.metadata.tracks[0].name, "BOOM");
}

TEST(RecorderFile, metacorder_writes_its_ixml_after_the_samples) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("Sr001-2C-01_01.WAV");
  EXPECT_EQ(start_of(info), "13:37:30:07 @25");
  EXPECT_EQ(info.metadata.scene, "2C");
  EXPECT_EQ(info.metadata.roll, "Sr001");
  EXPECT_EQ(info.metadata.notes, "Tail Slate Cloth noise");
}

TEST(RecorderFile, plain_game_sound_has_no_recorder_metadata) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("alarm_citizen_loop1.wav");
  EXPECT_EQ(start_of(info), "none");
  EXPECT_EQ(info.audio.at(0).rate.hz, 22050);
  EXPECT_EQ(info.audio.at(0).length.value, 99510);
}

TEST(RecorderFile, pro_tools_chunks_between_format_and_data_are_passed_over) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("umid.wav");
  EXPECT_EQ(info.audio.at(0).length.value, 44100);
  EXPECT_EQ(info.metadata.time_reference, 676200);
  EXPECT_EQ(info.metadata.originator, "Pro Tools");
}

TEST(RecorderFile, nuendo_six_channels_keep_mask_and_loudness) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("wavinfo Test Project - Audio - 5.1.wav");
  EXPECT_EQ(info.audio.at(0).channels, 6);
  EXPECT_EQ(info.audio.at(0).channel_mask, 0x3fu);
  EXPECT_EQ(start_of(info), "01:00:00:00 @24");
  EXPECT_EQ(info.metadata.other.at("bext.integrated_lufs"), "-80.00");
  EXPECT_EQ(info.metadata.project, "wavinfo Test Project");
}

TEST(RecorderFile, nuendo_mono_starts_at_one_hour) {
  TWOPOP_NEEDS_SHARED();
  const MediaInfo info = probed("wavinfo Test Project - Audio - Mono.wav");
  EXPECT_EQ(start_of(info), "01:00:00:00 @24");
  EXPECT_EQ(info.audio.at(0).length.value, 48000);
}

}  // namespace
}  // namespace twopop::media

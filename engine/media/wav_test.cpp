#include "media/detail/wav_writer.h"
#include "media/made_wave.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sys/resource.h>

namespace twopop::media {
namespace {

using test::Chunk;
using test::Scratch;

TEST(Wav, every_sample_format_comes_back_within_half_a_step) {
  Scratch scratch;
  const AudioBuffer<float> sound = test::noise(3, 10007, 1);
  const std::pair<SampleFormat, double> formats[]{
      {SampleFormat::Pcm16, 0x1p-16}, {SampleFormat::Pcm24, 0x1p-24}, {SampleFormat::Pcm32, 0x1p-24}, {SampleFormat::Float32, 0}};
  for (const auto& [format, step] : formats) {
    const auto path = scratch / fmt::format("take{}.wav", static_cast<int>(format));
    WavWriter::Settings settings{.rate = {48000}, .channels = 3, .format = format, .bext = {}, .ixml = ""};
    auto writer = WavWriter::create(path, settings);
    ASSERT_TRUE(writer.ok());
    for (std::int64_t at = 0; at < sound.frames(); at += 777)
      ASSERT_TRUE((*writer)->write(sound.view().sub(at, std::min<std::int64_t>(777, sound.frames() - at))).ok());
    EXPECT_FALSE(std::filesystem::exists(path)) << "an unfinished file must not have its name";
    ASSERT_TRUE((*writer)->finish().ok());
    const auto back = read_all(path);
    ASSERT_TRUE(back.ok()) << back.error().sentence();
    ASSERT_EQ(back->frames(), sound.frames());
    double worst = 0;
    for (int c = 0; c < 3; ++c)
      for (std::int64_t i = 0; i < sound.frames(); ++i) worst = std::max(worst, std::fabs(double(back->channel(c)[i]) - sound.channel(c)[i]));
    EXPECT_LE(worst, step) << static_cast<int>(format);
  }
}

TEST(Wav, full_scale_is_clamped_and_nan_is_silence) {
  Scratch scratch;
  AudioBuffer<float> sound(1, 4);
  sound.channel(0)[0] = 1.5f;
  sound.channel(0)[1] = -1.5f;
  sound.channel(0)[2] = std::numeric_limits<float>::quiet_NaN();
  sound.channel(0)[3] = 1.0f;
  auto writer = WavWriter::create(scratch / "over.wav", {.rate = {48000}, .channels = 1, .format = SampleFormat::Pcm16, .bext = {}, .ixml = ""});
  ASSERT_TRUE((*writer)->write(sound.view()).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  const auto back = read_all(scratch / "over.wav");
  ASSERT_TRUE(back.ok());
  EXPECT_FLOAT_EQ(back->channel(0)[0], 32767 / 32768.f);
  EXPECT_FLOAT_EQ(back->channel(0)[1], -1.f);
  EXPECT_EQ(back->channel(0)[2], 0.f);
  EXPECT_FLOAT_EQ(back->channel(0)[3], 32767 / 32768.f);
}

TEST(Wav, dropped_without_finish_leaves_nothing) {
  Scratch scratch;
  {
    auto writer = WavWriter::create(scratch / "gone.wav", {.bext = {}, .ixml = ""});
    ASSERT_TRUE((*writer)->write(test::noise(2, 100, 1).view()).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.folder()));
}

TEST(Wav, grows_into_rf64_with_its_true_sizes) {
  Scratch scratch;
  const AudioBuffer<float> sound = test::noise(2, 5000, 1);
  BextFields bext;
  bext.time_reference = 48000;
  auto writer = detail::create_wav_writer(scratch / "large.wav", {.rate = {48000}, .channels = 2, .bext = bext, .ixml = ""}, 20'000);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->write(sound.view()).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  const auto info = probe(scratch / "large.wav");
  ASSERT_TRUE(info.ok()) << info.error().sentence();
  EXPECT_EQ(info->container, "rf64");
  EXPECT_TRUE(info->warnings.empty());
  EXPECT_EQ(info->audio.at(0).length.value, 5000);
  EXPECT_EQ(info->metadata.time_reference, 48000);
  const auto back = read_all(scratch / "large.wav");
  ASSERT_TRUE(back.ok());
  EXPECT_NEAR(back->channel(1)[4999], sound.channel(1)[4999], 1e-6);
}

TEST(Wav, full_disk_is_an_error_that_says_so_and_leaves_nothing) {
  Scratch scratch;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{2 << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  {
    auto writer = WavWriter::create(scratch / "full.wav", {.rate = {48000}, .channels = 2, .bext = {}, .ixml = ""});
    ASSERT_TRUE(writer.ok());
    const AudioBuffer<float> sound = test::noise(2, 100'000, 1);
    Result<void> written;
    for (int i = 0; i < 10 && written.ok(); ++i) written = (*writer)->write(sound.view());
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, Code::OutOfSpace);
    EXPECT_NE(written.error().message.find("full.wav"), std::string::npos);
    EXPECT_FALSE(written.error().remedy.empty());
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.folder()));
}

TEST(Wav, missing_folder_is_a_sentence) {
  const auto writer = WavWriter::create("/nowhere at all/x.wav", {.bext = {}, .ixml = ""});
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().code, Code::NotFound);
  EXPECT_NE(writer.error().message.find("/nowhere at all/x.wav"), std::string::npos);
}

TEST(Wav, bext_fields_come_back_and_loudness_may_come_at_the_end) {
  Scratch scratch;
  BextFields bext;
  bext.description = "sSCENE=12A\r\nsTAKE=3\r\nsSPEED=029.97-DF\r\n";
  bext.time_reference = 3600LL * 48000;
  bext.date = "2024-05-01";
  auto writer = WavWriter::create(scratch / "mix.wav", {.rate = {48000}, .channels = 2, .bext = bext, .ixml = "<BWFXML><NOTE>caf\xc3\xa9</NOTE></BWFXML>"});
  ASSERT_TRUE((*writer)->write(test::noise(2, 1001, 1).view()).ok());
  bext.integrated_lufs = -23.04;
  bext.true_peak_dbtp = -1.27;
  bext.coding_history = "A=PCM,F=48000,W=24,M=stereo\r\n";
  (*writer)->set_bext(bext);
  ASSERT_TRUE((*writer)->finish().ok());
  const auto info = probe(scratch / "mix.wav");
  ASSERT_TRUE(info.ok());
  EXPECT_TRUE(info->warnings.empty());
  const Metadata& m = info->metadata;
  EXPECT_EQ(m.other.at("bext.integrated_lufs"), "-23.04");
  EXPECT_EQ(m.other.at("bext.true_peak_dbtp"), "-1.27");
  EXPECT_EQ(m.other.count("bext.max_momentary_lufs"), 0u) << "what is not known is not stated";
  EXPECT_EQ(m.other.at("bext.coding_history"), "A=PCM,F=48000,W=24,M=stereo");
  EXPECT_EQ(m.scene, "12A");
  EXPECT_EQ(m.notes, "caf\xc3\xa9");
  // An hour of real time at 30000/1001 is 107892.1 frames; in drop-frame counting that is 01:00:00;00.
  EXPECT_EQ(to_string(*m.timecode, *m.timecode_rate), "01:00:00;00");
}

TEST(Wav, set_bext_with_a_long_history_is_cut_not_grown) {
  Scratch scratch;
  BextFields bext;
  auto writer = WavWriter::create(scratch / "m.wav", {.rate = {48000}, .channels = 1, .bext = bext, .ixml = ""});
  ASSERT_TRUE((*writer)->write(test::noise(1, 500, 1).view()).ok());
  bext.coding_history = std::string(5000, 'x');
  (*writer)->set_bext(bext);
  ASSERT_TRUE((*writer)->finish().ok());
  const auto back = read_all(scratch / "m.wav");
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->frames(), 500);
}

TEST(Wav, bits_of_all_widths_and_channel_counts_are_read) {
  Scratch scratch;
  for (const int channels : {1, 2, 5, 17}) {
    for (const auto& [tag, bits] : {std::pair{1, 8}, {1, 16}, {1, 24}, {1, 32}, {3, 32}, {3, 64}}) {
      const auto sound = test::noise(channels, 333, 2);
      test::write_file(scratch / "w.wav", test::wave(test::format(tag, channels, 48000, bits), test::pcm(sound, tag, bits)));
      const auto back = read_all(scratch / "w.wav");
      ASSERT_TRUE(back.ok()) << back.error().sentence();
      ASSERT_EQ(back->frames(), 333);
      double worst = 0;
      for (int c = 0; c < channels; ++c)
        for (int i = 0; i < 333; ++i) worst = std::max(worst, std::fabs(double(back->channel(c)[i]) - sound.channel(c)[i]));
      EXPECT_LE(worst, bits == 8 ? 0x1p-7 : bits == 16 ? 0x1p-15 : 0x1p-22) << tag << ' ' << bits << ' ' << channels;
    }
  }
}

TEST(Wav, chunks_in_any_order_and_of_odd_size_are_read) {
  Scratch scratch;
  const auto data = test::pcm(test::noise(1, 101, 3), 1, 24);
  const std::string bytes = test::riff({{"JUNK", std::string(27, '\0')}, {"data", data}, {"LIST", "INFOINAM\x05\0\0\0take\0\0"}, {"fmt ", test::format(1, 1, 44100, 24)}});
  test::write_file(scratch / "odd.wav", bytes);
  const auto info = probe(scratch / "odd.wav");
  ASSERT_TRUE(info.ok()) << info.error().sentence();
  EXPECT_EQ(info->audio.at(0).length.value, 101);
  EXPECT_EQ(info->audio.at(0).rate.hz, 44100);
}

TEST(Wav, missing_pad_byte_is_forgiven_and_said) {
  Scratch scratch;
  std::string bytes = test::riff({{"fmt ", test::format(1, 1, 48000, 16)}, {"data", test::pcm(test::noise(1, 10, 3), 1, 16)}});
  bytes.insert(12, std::string("abcd\x03\0\0\0xyz", 11));  // three bytes and no pad
  test::write_file(scratch / "p.wav", bytes);
  const auto info = probe(scratch / "p.wav");
  ASSERT_TRUE(info.ok()) << info.error().sentence();
  EXPECT_EQ(info->audio.at(0).length.value, 10);
  EXPECT_EQ(info->warnings.size(), 1u);
}

TEST(Wav, data_size_of_zero_or_too_large_takes_what_is_there) {
  Scratch scratch;
  const std::string data = test::pcm(test::noise(2, 5000, 3), 1, 16);
  for (const std::uint32_t stated : {0u, 0xFFFFFFFFu, 0x7FFFFFFFu}) {
    std::string bytes = test::wave(test::format(1, 2, 48000, 16), data);
    std::memcpy(bytes.data() + bytes.size() - data.size() - 4, &stated, 4);
    test::write_file(scratch / "cut.wav", bytes);
    const auto info = probe(scratch / "cut.wav");
    ASSERT_TRUE(info.ok()) << info.error().sentence();
    EXPECT_EQ(info->audio.at(0).length.value, 5000) << stated;
    EXPECT_EQ(info->warnings.size(), 1u) << stated;
  }
}

TEST(Wav, rf64_sizes_come_from_ds64) {
  Scratch scratch;
  const std::string data = test::pcm(test::noise(2, 600, 3), 1, 16);
  std::string sizes(28, '\0');
  const std::uint64_t data_bytes = data.size();
  std::memcpy(sizes.data() + 8, &data_bytes, 8);
  for (const char* form : {"RF64", "BW64"}) {
    std::string bytes = test::riff({{"ds64", sizes}, {"fmt ", test::format(1, 2, 48000, 16)}, {"data", data}, {"iXML", "<BWFXML><SCENE>7</SCENE></BWFXML>"}});
    std::memcpy(bytes.data(), form, 4);
    const std::uint32_t unknown = 0xFFFFFFFFu;
    std::memcpy(bytes.data() + 4, &unknown, 4);
    std::memcpy(bytes.data() + 12 + 36 + 8 + 16 + 4, &unknown, 4);
    test::write_file(scratch / "large.wav", bytes);
    const auto info = probe(scratch / "large.wav");
    ASSERT_TRUE(info.ok()) << info.error().sentence();
    EXPECT_EQ(info->audio.at(0).length.value, 600);
    EXPECT_EQ(info->metadata.scene, "7") << "the chunk after data is found by its true size";
    EXPECT_TRUE(info->warnings.empty());
  }
}

TEST(Wav, truncated_at_every_byte_is_an_error_or_a_shorter_file_never_a_crash) {
  Scratch scratch;
  BextFields bext;
  bext.description = "sSCENE=1";
  auto writer = WavWriter::create(scratch / "whole.wav", {.rate = {48000}, .channels = 2, .format = SampleFormat::Pcm16, .bext = bext, .ixml = "<BWFXML><TAKE>1</TAKE></BWFXML>"});
  ASSERT_TRUE((*writer)->write(test::noise(2, 8, 1).view()).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  const std::string whole = test::read_file(scratch / "whole.wav");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    test::write_file(scratch / "cut.wav", whole.substr(0, n));
    const auto info = probe(scratch / "cut.wav");
    const auto reader = Reader::open(scratch / "cut.wav");
    EXPECT_EQ(info.ok(), reader.ok()) << n;
    if (!info) {
      EXPECT_NE(info.error().message.find("cut.wav"), std::string::npos) << n;
    } else {
      EXPECT_LT(info->audio.at(0).length.value, 8) << n;
      EXPECT_FALSE(info->warnings.empty()) << n;
    }
  }
}

TEST(Wav, one_sample_is_a_file) {
  Scratch scratch;
  test::write_file(scratch / "1.wav", test::wave(test::format(1, 1, 48000, 24), test::pcm(test::noise(1, 1, 1), 1, 24)));
  const auto back = read_all(scratch / "1.wav");
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->frames(), 1);
}

TEST(Wav, reads_outside_the_file_are_silence_and_counted) {
  Scratch scratch;
  test::write_file(scratch / "s.wav", test::wave(test::format(3, 1, 48000, 32), test::pcm(test::noise(1, 100, 1), 3, 32)));
  const auto reader = Reader::open(scratch / "s.wav");
  ASSERT_TRUE(reader.ok());
  AudioBuffer<float> out(1, 300);
  for (int i = 0; i < 300; ++i) out.channel(0)[i] = 9;
  const auto got = (*reader)->read({-100}, out.view());
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, 100);
  EXPECT_EQ(out.channel(0)[99], 0.f);
  EXPECT_NE(out.channel(0)[100], 0.f);
  EXPECT_EQ(out.channel(0)[200], 0.f);
  EXPECT_EQ(*(*reader)->read({1000}, out.view()), 0);
  EXPECT_EQ(*(*reader)->read({-1000}, out.view()), 0);
}

TEST(Wav, names_with_spaces_and_other_scripts_open) {
  Scratch scratch;
  const auto path = scratch / "Szene 3 \xc3\xbc\xe2\x82\xac \xe5\xa3\xb0: take #1.wav";
  test::write_file(path, test::wave(test::format(1, 1, 48000, 16), test::pcm(test::noise(1, 5, 1), 1, 16)));
  EXPECT_TRUE(probe(path).ok());
}

TEST(Wav, missing_empty_and_foreign_files_say_what_they_are) {
  Scratch scratch;
  const auto missing = probe(scratch / "no.wav");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Code::NotFound);
  test::write_file(scratch / "empty.wav", "");
  EXPECT_EQ(probe(scratch / "empty.wav").error().code, Code::Damaged);
  EXPECT_EQ(Reader::open(scratch / "empty.wav").error().code, Code::Damaged);
  test::write_file(scratch / "text.wav", "this is a note about the shoot, not a sound\n");
  EXPECT_FALSE(probe(scratch / "text.wav").ok());
  EXPECT_EQ(probe(scratch.folder()).error().code, Code::Unreadable);
}

TEST(Wav, read_all_refuses_more_than_it_may_hold) {
  Scratch scratch;
  test::write_file(scratch / "s.wav", test::wave(test::format(1, 1, 48000, 16), test::pcm(test::noise(1, 100, 1), 1, 16)));
  const auto refused = read_all(scratch / "s.wav", 0, 99);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::OutOfSpace);
}

TEST(Wav, fingerprint_is_the_content_not_the_name) {
  Scratch scratch;
  test::write_file(scratch / "a", "same");
  test::write_file(scratch / "b", "same");
  test::write_file(scratch / "c", "other");
  EXPECT_EQ(*fingerprint(scratch / "a"), *fingerprint(scratch / "b"));
  EXPECT_NE(*fingerprint(scratch / "a"), *fingerprint(scratch / "c"));
}

}  // namespace
}  // namespace twopop::media

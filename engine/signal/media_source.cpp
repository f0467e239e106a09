#include "signal/media_source.h"

namespace twopop::signal {
namespace {

class MediaSource final : public Node {
 public:
  MediaSource(std::shared_ptr<MediaPool> pool, MediaDescription media) : Node({}), pool_(std::move(pool)), media_(std::move(media)) {}
  std::string_view kind() const override { return "media"; }
  int channels() const override { return media_.channels; }
  SampleRange extent() const override { return {{0}, {media_.length.value}}; }
  void describe(Hasher& hasher, SampleRange range) const override { hasher.add(declared_content(range)); }
  Storage storage() const override { return Storage::Chunks; }
  bool cheap() const override { return media_.direct; }
  Hash declared_content(SampleRange range) const override {
    return Hasher().add("media").add(media_.fingerprint).add(media_.audio_stream).add(range.begin.value).add(range.end.value).finish();
  }
  std::string place() const override { return "media " + media_.path.filename().string(); }
  std::string settings_text() const override { return fmt::format("file {}", media_.path.filename().string()); }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>>, AudioView<float> out) const override {
    return pool_->read(media_, range.begin, out);
  }

 private:
  std::shared_ptr<MediaPool> pool_;
  MediaDescription media_;
};

}  // namespace

Signal media_source(std::shared_ptr<MediaPool> pool, const MediaDescription& media) { return std::make_shared<MediaSource>(std::move(pool), media); }

}  // namespace twopop::signal

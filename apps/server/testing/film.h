#pragma once

#include "api/site.h"
#include "net/server.h"
#include "session/testing/temporary_folder.h"
#include "testing/client.h"

#include <gtest/gtest.h>

#include <fstream>

namespace twopop::server::testing {

/// A served film of a few strips, without sound: for what is about edits and the network.
struct ServedFilmFixture {
  session::testing::TemporaryFolder folder;
  std::filesystem::path film = folder / "night.twopop";
  std::shared_ptr<const Films> films;
  std::unique_ptr<Server> server;

  explicit ServedFilmFixture(int strips = 3, ServerOptions options = {}, std::vector<Route> more = {}, Identity who = {}) {
    session::Document document;
    document.name = "Night";
    for (int i = 0; i < strips; ++i) document.mix.strips["s" + std::to_string(i)];
    EXPECT_TRUE(session::Store::create(film, document));
    std::filesystem::create_directories(folder / "web" / std::string("assets"));
    std::ofstream(folder / "web" / "index.html") << "<!doctype html><title>Studio</title>";
    std::ofstream(folder / "web" / "assets/app-1.js") << "export {};";
    std::ofstream(folder / "secret.txt") << "secret";
    serve(options, std::move(more), std::move(who));
  }

  void serve(ServerOptions options = {}, std::vector<Route> more = {}, Identity who = {}) {
    HubOptions hub;
    hub.look = std::chrono::milliseconds(50);
    auto opened = Films::open({film}, hub);
    ASSERT_TRUE(opened) << opened.error().message;
    films = std::make_shared<const Films>(*std::move(opened));
    SiteParts parts;
    parts.films = films;
    parts.routes = {local_routes(), edit_routes(films), std::move(more)};
    parts.identify = local_person("Ann");
    if (!who.name.empty())
      parts.identify = [who](const Request&) -> Result<Identity> { return who; };
    parts.pages = folder / "web";
    options.port = 0;
    auto started = Server::start(make_site(std::move(parts)), options);
    ASSERT_TRUE(started) << started.error().message;
    server = *std::move(started);
  }

  std::uint16_t port() const { return server->port(); }
  SessionHub& hub() const { return *films->all().begin()->second.hub; }
  /// A patch for the hub itself: the value is JSON.
  static session::Patch to(const std::string& path, const std::string& value) { return session::Patch{{{session::Verb::Replace, path, "", value}}}; }
  static nlohmann::json gain(int strip, double db) {
    return nlohmann::json::array({{{"op", "replace"}, {"path", fmt::format("/mix/strips/s{}/gain_db", strip)}, {"value", db}}});
  }
};

}  // namespace twopop::server::testing

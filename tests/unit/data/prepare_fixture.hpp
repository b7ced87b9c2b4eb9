// Two toy inputs in a folder and the calls that prepare them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/data/prepared_split.hpp>

#include "fake_formats.hpp"

namespace stationhit::data {

// Number n of a file; every seventh event has no muon that passes the cuts.
inline core::Event toy_event(std::uint64_t n, std::uint64_t seed) {
  core::Event event = test::random_event(seed * 1000 + n, 40 + n % 5, 2);
  event.header.run_number = 7;
  event.header.event_number = n;
  for (std::size_t i = 0; i < event.hits.size(); ++i)
    event.hits.truth_link[i] = static_cast<std::int8_t>(i < 4 ? 0 : (i < 6 ? 1 : -1));
  event.muons.pt = {20.0F, 30.0F};
  event.muons.eta = {0.5F, -0.5F};
  if (n % 7 == 3) event.muons.pt[0] = 1.0F;
  return event;
}

class PrepareTest : public ::testing::Test {
 protected:
  PrepareTest() {
    std::filesystem::create_directories(folder / "in");
    for (const std::string name : {"zmumu_PU200_skip0_n60.root", "ttbar_PU200_skip0_n45.root"})
      add(name, name.starts_with("z") ? 60 : 45);
    config.input = {(folder / "in").string()};
    config.output = (folder / "out").string();
    config.events_per_shard = 20;
    config.small_events = 4;
    config.threads = 2;
  }

  void add(const std::string& name, std::uint64_t n) {
    std::vector<core::Event> events;
    // Files of equal events are refused, so that every name has its own.
    for (std::uint64_t i = 0; i < n; ++i)
      events.push_back(toy_event(i, core::hash_text(name) % 100000));
    inputs[name] = events;
    fake.add_input(folder / "in" / name, events);
  }

  // Names and texts of the manifests of a set.
  static std::map<std::string, std::string> manifests_in(const std::filesystem::path& set) {
    std::map<std::string, std::string> texts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(set))
      if (entry.path().filename() == manifest_file_name)
        texts[std::filesystem::relative(entry.path(), set)] = core::read_text_file(entry.path());
    return texts;
  }

  Manifest run() { return prepare(config, fake.formats()).value().manifest; }
  std::string error() {
    return test::data_error([&] { (void)prepare(config, fake.formats()); });
  }

  // All events of a split, through its manifest.
  std::vector<core::Event> events_of(const std::string& name) {
    const PreparedSplit split = open_split(std::filesystem::path(config.output) / name);
    const auto reader = read_split(split, fake.formats().open_shard);
    std::vector<core::Event> events;
    core::Event event;
    while (reader->next(event)) events.push_back(event);
    EXPECT_EQ(reader->size(), events.size());
    return events;
  }

  test::ScratchFolder folder;
  FakeFormats fake;
  PrepareConfig config;
  std::map<std::string, std::vector<core::Event>> inputs;
};

}  // namespace stationhit::data

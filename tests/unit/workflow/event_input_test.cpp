#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/workflow/event_input.hpp>

#include "prepared_set.hpp"

namespace stationhit::workflow {
namespace {

// Event n has the number 10 + n.
class EventInput : public testing::Test {
 protected:
  void write(const std::vector<std::size_t>& muons) {
    root_io::MuonHitDumpWriter writer(ntuple);
    for (std::size_t n = 0; n < muons.size(); ++n) {
      core::Event event = test::random_event(n, 20, muons[n]);
      event.header.event_number = 10 + n;
      writer.write(event);
    }
    writer.close();
  }
  [[nodiscard]] std::uint64_t find(std::optional<std::uint64_t> number = std::nullopt) const {
    return find_event(ntuple, number).event.header.event_number;
  }

  test::ScratchFolder folder;
  std::filesystem::path ntuple = folder / "events.root";
};

TEST_F(EventInput, TheEventIsFoundByItsNumber) {
  write({1, 0, 2});
  EXPECT_EQ(find(12), 12U);
  EXPECT_EQ(test::data_error([&] { (void)find(7); }),
            ntuple.string() +
                ": has no event 7, its event numbers are from 10 to 12; give one of "
                "these with --event");
}

TEST_F(EventInput, TheEntryIsThePlaceOfTheEvent) {
  write({0, 0, 2, 1});
  EXPECT_EQ(find_event(ntuple, std::nullopt).entry, 2U);
  EXPECT_EQ(find_event(ntuple, 13).entry, 3U);
}

TEST_F(EventInput, WithoutANumberTheFirstOneWithAMuonElseTheFirst) {
  write({0, 0, 2, 1});
  EXPECT_EQ(find(), 12U);
  write({0, 0});
  EXPECT_EQ(find(), 10U);
}

TEST_F(EventInput, TheFirstEventsAreReadAndAnEmptyInputIsNamed) {
  write({1, 1, 1});
  EXPECT_EQ(read_events(ntuple, 2).size(), 2U);
  EXPECT_EQ(read_events(ntuple, 9).size(), 3U);
  write({});
  EXPECT_CONTAINS(test::data_error([&] { (void)read_events(ntuple, 2); }),
                  ntuple.string() + ": there are no events in it");
}

}  // namespace
}  // namespace stationhit::workflow

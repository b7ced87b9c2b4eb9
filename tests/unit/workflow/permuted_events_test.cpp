#include "../../../src/workflow/permuted_events.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <unit/training/toy_run.hpp>

namespace stationhit::workflow {
namespace {

class PermutedEvents : public testing::Test {
 protected:
  // The events of the toy run with these columns permuted; all of them unchanged without columns.
  [[nodiscard]] std::vector<features::LabeledEvent> read(const std::vector<std::size_t>& columns,
                                                         std::uint64_t repetition = 0) const {
    const auto stream = permute_columns(test::labeled(events_), columns, 5, repetition);
    std::vector<features::LabeledEvent> read;
    while (auto job = stream->next()) read.push_back((*job)());
    return read;
  }
  static std::vector<float> column(const features::LabeledEvent& event, std::size_t column) {
    std::vector<float> values;
    const auto& table = event.inputs.features;
    for (std::size_t i = column; i < table.values.size(); i += table.n_features())
      values.push_back(table.values[i]);
    return values;
  }
  static std::vector<float> sorted(std::vector<float> values) {
    std::ranges::sort(values);
    return values;
  }

  std::vector<core::Event> events_ = test::learnable_events(3, 2);
};

TEST_F(PermutedEvents, OnlyTheNamedColumnsChangeAndTheirValuesStayInTheEvent) {
  const auto plain = read({}), permuted = read({1});
  ASSERT_EQ(permuted.size(), 2);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(column(permuted[i], 0), column(plain[i], 0));
    EXPECT_NE(column(permuted[i], 1), column(plain[i], 1));
    EXPECT_EQ(sorted(column(permuted[i], 1)), sorted(column(plain[i], 1)));
    EXPECT_EQ(permuted[i].labels, plain[i].labels);
    EXPECT_EQ(permuted[i].inputs.neighbors.index, plain[i].inputs.neighbors.index);
  }
}

TEST_F(PermutedEvents, ColumnsOfAGroupStayTogether) {
  const auto plain = read({}).front(), permuted = read({0, 1}).front();
  const auto pairs = [](const features::LabeledEvent& event) {
    std::vector<std::pair<float, float>> both;
    const auto first = column(event, 0), second = column(event, 1);
    for (std::size_t i = 0; i < first.size(); ++i) both.emplace_back(first[i], second[i]);
    std::ranges::sort(both);
    return both;
  };
  EXPECT_NE(column(permuted, 0), column(plain, 0));
  EXPECT_EQ(pairs(permuted), pairs(plain));
}

TEST_F(PermutedEvents, RepetitionsDifferAndComeAgainTheSame) {
  EXPECT_EQ(column(read({1}, 1).front(), 1), column(read({1}, 1).front(), 1));
  EXPECT_NE(column(read({1}, 1).front(), 1), column(read({1}, 2).front(), 1));
}

}  // namespace
}  // namespace stationhit::workflow

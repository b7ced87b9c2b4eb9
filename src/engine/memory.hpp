// The memory of a run, and what is known of its rows and graphs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <stationhit/engine/engine.hpp>
#include <stationhit/kernels/aligned_buffer.hpp>
#include <stationhit/kernels/packed_product.hpp>

namespace stationhit::engine {

using kernels::MatrixView;
using Matrix = MatrixView<float>;
using ConstMatrix = MatrixView<const float>;

// Rows that go through a stage together: their values stay in the first-level cache.
inline constexpr std::size_t block_rows = 48;

// One row as the row of every row.
inline ConstMatrix repeated_row(const std::vector<float>& row) {
  return {row.data(), 1, row.size(), 0};
}

// Memory for what lives as long as a block of rows. Pieces never move.
class Scratch {
 public:
  float* take(std::size_t n) {
    if (next_ == pieces_.size()) pieces_.emplace_back();
    return pieces_[next_++].reserve(n);
  }
  // [rows, padded columns]
  Matrix matrix(std::size_t rows, std::size_t columns) {
    const std::size_t stride = kernels::padded_columns(columns);
    return {take(rows * stride), rows, columns, stride};
  }
  void reset() { next_ = 0; }
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& piece : pieces_) sum += piece.bytes();
    return sum;
  }

 private:
  std::deque<kernels::AlignedBuffer<float>> pieces_;
  std::size_t next_ = 0;
};

// A row set during a run.
struct RowSetState {
  std::size_t count = 0;
  std::span<const std::int32_t> event_of_row;     // empty: one event
  std::vector<std::int32_t> rows, place, events;  // of a compaction: kept nodes, their inverse
};

// A graph during a run: a table, or the groups of the nodes.
struct GraphState {
  kernels::NeighborTable table;
  std::vector<std::int32_t> storage;  // of a table of kept rows
};

// Where a row is in the maps of its event: the four cells around it with their bilinear weights.
struct MapPlace {
  std::array<std::size_t, 4> cells{};  // rows of the maps of all events
  std::array<float, 4> weights{};
  std::size_t layer = 0;
  float share = 1;
  std::array<float, 2> inside{};
};

// The channels of the cells of one station layer that hits have written to, one cell after the
// other.
struct MapBlocks {
  std::vector<std::size_t> cells;
  kernels::AlignedBuffer<float> values;
};

struct Memory {
  std::vector<kernels::AlignedBuffer<float>> buffers;
  std::vector<RowSetState> row_sets;
  std::vector<GraphState> graphs;
  std::vector<std::int64_t> local_offsets;
  std::vector<std::int32_t> group_of_node, edge_sources, edge_targets;
  std::vector<kernels::Panel> panels, encoded_panels;
  std::vector<MapPlace> places;
  std::array<kernels::AlignedBuffer<float>, 2> maps;
  std::array<MapBlocks, static_cast<std::size_t>(architecture::n_station_layers)> blocks;
  std::vector<std::int32_t> block_of_cell;
  std::vector<std::size_t> cells_read;
  kernels::AlignedBuffer<float> attention;
  kernels::ConvertedRows converted, rounded;
  Scratch scratch;
};

}  // namespace stationhit::engine

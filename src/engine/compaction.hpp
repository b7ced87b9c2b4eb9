// The rows that a first network keeps, their graphs, and the way back.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "program.hpp"

namespace stationhit::engine {

// A graph of the kept rows: the first columns of the table of the nodes, in their new numbers.
struct KeptGraph {
  std::size_t number = 0, columns = 0;  // 0: all
};

// Finds the rows of `from` whose logit is above the threshold.
class RowSelection : public Operation {
 public:
  RowSelection(const Value& logits, float threshold, std::size_t row_set,
               std::vector<KeptGraph> graphs)
      : logits_(logits), threshold_(threshold), row_set_(row_set), graphs_(std::move(graphs)) {}
  void run(const Run& run) const override;

 private:
  void keep_graph(const Run& run, const RowSetState& kept, const KeptGraph& graph) const;

  Value logits_;
  float threshold_;
  std::size_t row_set_;
  std::vector<KeptGraph> graphs_;
};

// The kept rows of a value.
class KeptRows : public Operation {
 public:
  KeptRows(const Value& from, const Value& out) : from_(from), out_(out) {}
  void run(const Run& run) const override;

 private:
  Value from_, out_;
};

// models/two_stage.cpp has the formula.
class Merge : public Operation {
 public:
  Merge(const Value& first, const Value& second, float threshold, const Value& out)
      : first_(first), second_(second), threshold_(threshold), out_(out) {}
  void run(const Run& run) const override;

 private:
  Value first_, second_;
  float threshold_;
  Value out_;
};

}  // namespace stationhit::engine

// Runs a network on one thread of the CPU, without Torch and without ONNX Runtime: from its
// description (architecture/network_description.hpp) and the weights of its exported file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/engine/precision.hpp>
#include <stationhit/kernels/int8_product.hpp>
#include <stationhit/kernels/views.hpp>

namespace stationhit::engine {

struct Weight {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
  // In the place of the values: a linear layer of an int8 file, with its bias.
  std::optional<kernels::Int8Layer> in_int8 = {};
};

// By the names that they have in an exported file.
using Weights = std::map<std::string, Weight>;

// What the neighbors of a node are.
enum class Neighborhood {
  table,  // a row of a neighbor table
  group   // all nodes of its group, including itself
};

// Nodes of one event or of several, one after the other. What the network does not need
// (Engine::needs) may be left empty.
struct Inputs {
  kernels::MatrixView<const float> features;    // [N, F] raw
  kernels::NeighborTable neighbors;             // [N, k]
  std::span<const std::int64_t> offsets;        // [G + 1]: kernels::NodeGroups
  std::span<const std::int32_t> event_of_node;  // [N], ascending from 0; empty: one event
};

struct Memory;

// The memory of one call at a time. It grows to what the largest event needs and is kept; see
// bytes().
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;

  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class Engine;
  std::unique_ptr<Memory> memory_;
};

// One step of a run: the stage of the network that it belongs to, and what it does.
struct OperationDescription {
  std::string stage;  // "blocks.0"
  std::string text;   // "EdgeConv 64 -> 64, max over the neighbors"
};

struct Needs {
  bool neighbors = false, groups = false, events = false;
};

// Const calls may run on several threads at once, each with a workspace of its own.
class Engine {
 public:
  // Throws std::invalid_argument naming the tensor or stage if a tensor is missing, has another
  // shape, or if the description has a kind of stage that the engine does not know.
  Engine(const architecture::NetworkDescription& network, const Weights& weights,
         Neighborhood neighborhood, Precision precision = Precision::float32);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  [[nodiscard]] const Needs& needs() const;
  // Of the packed weights.
  [[nodiscard]] std::size_t bytes() const;

  // Logits [N] in float32. Nothing is allocated once the workspace has seen an event of this size.
  // A logit depends on its event only, bit for bit on one processor.
  void run(const Inputs& inputs, Workspace& workspace, std::span<float> logits) const;

  // In the order in which they run.
  [[nodiscard]] std::span<const OperationDescription> operations() const;
  // As run(); adds to ms[i] the time that operation i took. ms: [operations().size()]
  void run_timed(const Inputs& inputs, Workspace& workspace, std::span<float> logits,
                 std::span<double> ms) const;

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

}  // namespace stationhit::engine

#include <cassert>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <stationhit/engine/engine.hpp>

#include "compiler.hpp"

namespace stationhit::engine {

Workspace::Workspace() : memory_(std::make_unique<Memory>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

std::size_t Workspace::bytes() const {
  const auto of_vector = [](const auto& values) {
    return values.capacity() * sizeof(values.front());
  };
  std::size_t sum = memory_->scratch.bytes() + memory_->attention.bytes() +
                    memory_->converted.bytes() + memory_->rounded.bytes() +
                    of_vector(memory_->group_of_node) + of_vector(memory_->places) +
                    of_vector(memory_->block_of_cell) + of_vector(memory_->cells_read);
  for (const auto& buffer : memory_->buffers) sum += buffer.bytes();
  for (const auto& maps : memory_->maps) sum += maps.bytes();
  for (const auto& blocks : memory_->blocks) sum += blocks.values.bytes() + of_vector(blocks.cells);
  for (const auto& rows : memory_->row_sets)
    sum += of_vector(rows.rows) + of_vector(rows.place) + of_vector(rows.events);
  for (const auto& graph : memory_->graphs) sum += of_vector(graph.storage);
  return sum;
}

struct Engine::Program {
  CompiledNetwork network;
};

Engine::Engine(const architecture::NetworkDescription& network, const Weights& weights,
               Neighborhood neighborhood, Precision precision)
    : program_(
          std::make_unique<Program>(Program{compile(network, weights, neighborhood, precision)})) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const Needs& Engine::needs() const { return program_->network.needs; }

std::size_t Engine::bytes() const {
  std::size_t sum = 0;
  for (const auto& operation : program_->network.operations) sum += operation->bytes();
  return sum;
}

namespace {

void check(const Inputs& inputs, const CompiledNetwork& network, std::size_t n_logits) {
  const std::size_t n = inputs.features.rows;
  const auto refuse = [](const std::string& what) { throw std::invalid_argument(what); };
  if (n_logits != n) refuse("as many logits as rows of features are needed");
  if (inputs.features.columns != network.n_features)
    refuse("the features have " + std::to_string(inputs.features.columns) +
           " columns, the network takes " + std::to_string(network.n_features));
  if (network.needs.neighbors && inputs.neighbors.rows != n)
    refuse("the network needs a neighbor table with a row for every node");
  if (network.needs.groups && n > 0 &&
      (inputs.offsets.empty() || inputs.offsets.back() != static_cast<std::int64_t>(n)))
    refuse("the network needs the groups of all nodes");
  if (!inputs.event_of_node.empty() && inputs.event_of_node.size() != n)
    refuse("event_of_node needs an entry for every node");
}

void find_groups(std::span<const std::int64_t> offsets, std::vector<std::int32_t>& of_node) {
  of_node.clear();
  for (std::size_t group = 0; group + 1 < offsets.size(); ++group) {
    const auto size = static_cast<std::size_t>(offsets[group + 1] - offsets[group]);
    of_node.insert(of_node.end(), size, static_cast<std::int32_t>(group));
  }
}

// Calls done(i) after operation i.
template <class Done>
void run_operations(const CompiledNetwork& network, const Inputs& inputs, Memory& memory,
                    std::span<float> logits, const Done& done) {
  check(inputs, network, logits.size());
  if (logits.empty()) return;
  if (memory.buffers.size() < network.n_buffers) memory.buffers.resize(network.n_buffers);
  if (memory.row_sets.size() < network.n_row_sets) memory.row_sets.resize(network.n_row_sets);
  if (memory.graphs.size() < network.graphs.size()) memory.graphs.resize(network.graphs.size());
  memory.row_sets.front().count = logits.size();
  memory.row_sets.front().event_of_row = inputs.event_of_node;
  for (std::size_t i = 0; i < network.graphs.size(); ++i) {
    const CompiledGraph& graph = network.graphs[i];
    if (!graph.of_nodes) continue;
    memory.graphs[i].table = graph.columns == 0 || inputs.neighbors.columns < graph.columns
                                 ? inputs.neighbors
                                 : inputs.neighbors.columns_from(0, graph.columns);
  }
  if (network.needs.groups) find_groups(inputs.offsets, memory.group_of_node);
  const Run run(inputs, memory);
  for (std::size_t i = 0; i < network.operations.size(); ++i) {
    network.operations[i]->run(run);
    done(i);
  }
  const ConstMatrix result = run.read(network.logits);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = result.row(i)[0];
}

}  // namespace

void Engine::run(const Inputs& inputs, Workspace& workspace, std::span<float> logits) const {
  run_operations(program_->network, inputs, *workspace.memory_, logits, [](std::size_t) {});
}

std::span<const OperationDescription> Engine::operations() const {
  return program_->network.descriptions;
}

void Engine::run_timed(const Inputs& inputs, Workspace& workspace, std::span<float> logits,
                       std::span<double> ms) const {
  using Clock = std::chrono::steady_clock;
  assert(ms.size() == operations().size());
  auto last = Clock::now();
  run_operations(program_->network, inputs, *workspace.memory_, logits, [&](std::size_t i) {
    const auto now = Clock::now();
    ms[i] += std::chrono::duration<double, std::milli>(now - last).count();
    last = now;
  });
}

}  // namespace stationhit::engine

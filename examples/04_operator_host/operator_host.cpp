// A program that knows ONNX Runtime and nothing of this project runs a fused file with the operator
// library (docs/deployment.md):
//   operator_host RUNTIME MODEL.onnx INPUTS.safetensors [LIBRARY [TOLERANCE]]
// RUNTIME is any libonnxruntime.so of version 1.17 or newer, INPUTS what `stationhit infer
// --dump-inputs` wrote for an event, LIBRARY libstationhit_ops.so. Runs the event three times and
// compares the last logits with those of the dump; ends with 1 if they differ by more than
// TOLERANCE max(1, |logit|), 1e-4 if it is not given.
//
// ONNX Runtime is opened by its path and asked for the interface of 1.17, so one program works with
// all versions. Of the C++ headers only what calls functions of that interface is used:
// Value::GetTensorData() of newer headers does not.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <nlohmann/json.hpp>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

namespace {

constexpr std::uint32_t interface_version = 17;

// The version as text.
std::string open_runtime(const char* path) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(std::string("no ONNX Runtime: ") + dlerror());
  using GetBase = const OrtApiBase* (*)();
  const auto get_base = reinterpret_cast<GetBase>(dlsym(library, "OrtGetApiBase"));
  if (get_base == nullptr)
    throw std::runtime_error(std::string(path) + ": is no ONNX Runtime, it has no OrtGetApiBase");
  const OrtApi* const api = get_base()->GetApi(interface_version);
  if (api == nullptr) {
    throw std::runtime_error(std::string(path) + ": is ONNX Runtime " +
                             get_base()->GetVersionString() + ", 1.17 or newer is needed");
  }
  Ort::InitApi(api);
  return get_base()->GetVersionString();
}

// A file of named tensors: a length of 8 bytes, a JSON text of that length, the numbers.
class TensorFile {
 public:
  explicit TensorFile(const std::string& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    content_.assign(std::istreambuf_iterator<char>(file), {});
    std::uint64_t length = 0;
    if (content_.size() < sizeof length) throw std::runtime_error(path + ": cannot be read");
    std::memcpy(&length, content_.data(), sizeof length);
    if (length > content_.size() - sizeof length)
      throw std::runtime_error(path + ": is no safetensors file, or its end is missing");
    header_ = nlohmann::json::parse(content_.substr(sizeof length, length));
    first_ = sizeof length + length;
  }

  [[nodiscard]] std::vector<std::int64_t> shape(const std::string& name) const {
    return tensor(name).at("shape").get<std::vector<std::int64_t>>();
  }

  [[nodiscard]] std::span<char> bytes(const std::string& name) {
    const auto [begin, end] =
        tensor(name).at("data_offsets").get<std::pair<std::size_t, std::size_t>>();
    if (end < begin || end > content_.size() - first_)
      throw std::runtime_error(path_ + ": the tensor " + name + " lies outside the file");
    return {content_.data() + first_ + begin, end - begin};
  }

 private:
  [[nodiscard]] const nlohmann::json& tensor(const std::string& name) const {
    if (!header_.contains(name))
      throw std::runtime_error(path_ + ": has no tensor " + name +
                               "; dump the inputs of this model: stationhit infer --dump-inputs");
    return header_.at(name);
  }

  std::string path_, content_;
  nlohmann::json header_;
  std::size_t first_ = 0;
};

Ort::Session make_session(const Ort::Env& environment, const std::string& model,
                          const char* library) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  if (library != nullptr) options.RegisterCustomOpsLibrary(library);
  try {
    return {environment, model.c_str(), options};
  } catch (const Ort::Exception& error) {
    const std::string text = error.what();
    if (text.find("stationhit_ops") == std::string::npos) throw;
    throw std::runtime_error(model +
                             ": its operator is in libstationhit_ops.so; give it as LIBRARY " +
                             "(RegisterCustomOpsLibrary): " + text);
  }
}

// The logits of the event, [N].
std::vector<float> run(Ort::Session& session, TensorFile& event) {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const Ort::AllocatorWithDefaultOptions allocator;
  std::vector<std::string> names;
  std::vector<Ort::Value> inputs;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    names.emplace_back(session.GetInputNameAllocated(i, allocator).get());
    const auto type = session.GetInputTypeInfo(i).GetTensorTypeAndShapeInfo().GetElementType();
    const std::vector<std::int64_t> shape = event.shape(names.back());
    const std::span<char> bytes = event.bytes(names.back());
    inputs.push_back(Ort::Value::CreateTensor(memory, bytes.data(), bytes.size(), shape.data(),
                                              shape.size(), type));
  }
  std::vector<const char*> input_names;
  for (const std::string& name : names) input_names.push_back(name.c_str());
  const char* const output_name = "output";
  auto outputs = session.Run(Ort::RunOptions{nullptr}, input_names.data(), inputs.data(),
                             inputs.size(), &output_name, 1);
  const float* const first = outputs.front().GetTensorMutableData<float>();
  return {first, first + outputs.front().GetTensorTypeAndShapeInfo().GetElementCount()};
}

std::vector<float> expected_logits(TensorFile& event) {
  const std::span<char> bytes = event.bytes("logits");
  std::vector<float> logits(bytes.size() / sizeof(float));
  std::memcpy(logits.data(), bytes.data(), logits.size() * sizeof(float));
  return logits;
}

// In units of max(1, |expected|); infinite where one of them is no number.
double largest_difference(const std::vector<float>& logits, const std::vector<float>& expected) {
  if (logits.size() != expected.size()) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double difference = std::abs(double{logits[i]} - double{expected[i]});
    const double relative = difference / std::max(1.0, std::abs(double{expected[i]}));
    largest = std::max(largest, std::isnan(relative) ? INFINITY : relative);
  }
  return largest;
}

// Whether the logits agree.
bool compare(const char* runtime, const std::string& model, const std::string& inputs,
             const char* library, double tolerance) {
  const std::string version = open_runtime(runtime);
  const Ort::Env environment(ORT_LOGGING_LEVEL_FATAL, "operator_host");
  TensorFile event(inputs);
  Ort::Session session = make_session(environment, model, library);
  std::vector<float> logits;
  for (int call = 0; call < 3; ++call) logits = run(session, event);
  const double largest = largest_difference(logits, expected_logits(event));
  std::printf("%s in ONNX Runtime %s: %zu logits, largest difference %.2g max(1, |logit|)\n",
              model.c_str(), version.c_str(), logits.size(), largest);
  return largest <= tolerance;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 6) {
    std::fprintf(
        stderr,
        "usage: operator_host RUNTIME MODEL.onnx INPUTS.safetensors [LIBRARY [TOLERANCE]]\n");
    return 2;
  }
  try {
    const double tolerance = argc > 5 ? std::strtod(argv[5], nullptr) : 1e-4;
    return compare(argv[1], argv[2], argv[3], argc > 4 ? argv[4] : nullptr, tolerance) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}

// Events that a tool dumped, and the graph that is made of their edges.
#include <stationhit/inference/dumped_inputs.hpp>
#include <stationhit/inference/event_dump.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  static const fuzz::InputFile input("input.jsonl");
  static const inference::HitClassifier classifier(STATIONHIT_SOURCE_MODELS
                                                   "/dropin_fc8/model.onnx");
  input.write(fuzz::as_text(data, size));
  fuzz::allow_refusal([] {
    inference::EventDumpReader reader(input.path());
    inference::DumpedEvent event;
    while (reader.next(event)) {
      (void)inference::tool_scores(classifier,
                                   inference::prepare_dumped(classifier, event, reader.where()));
    }
  });
  return 0;
}

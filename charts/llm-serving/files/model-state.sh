#!/bin/bash
# Sourced by the scripts that bring weights: one model after another, and what is there already as metrics, where there is
# a node-exporter that reads them.

# write_model_state READY...: 1 for the models that are named, 0 for the others. A reader never sees half a file.
write_model_state() {
  local model state file=${METRICS_DIR:-}/models.prom
  if [[ -z ${METRICS_DIR:-} ]]; then
    return 0
  fi
  mkdir --parents "$METRICS_DIR"
  {
    printf '# HELP terrace_model_ready Whether the weights of a model are complete and verified.\n'
    printf '# TYPE terrace_model_ready gauge\n'
    for model in $MODELS; do
      state=0
      if [[ " $* " == *" $model "* ]]; then
        state=1
      fi
      printf 'terrace_model_ready{model="%s"} %s\n' "$model" "$state"
    done
  } >"$file.new"
  mv "$file.new" "$file"
}

# install_models: each model of MODELS by the script's own install_model, until it succeeds.
install_models() {
  local model ready=()
  write_model_state
  for model in $MODELS; do
    retry "model $model" install_model "$model"
    ready+=("$model")
    write_model_state "${ready[@]}"
  done
}

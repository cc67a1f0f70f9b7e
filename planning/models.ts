/** Shapes from each model's `config.json`, sizes derived from them. */
import { type TransformerConfig, transformerSize } from "./transformer";

export type ModelName =
  | "gemma3-12b-it-gptq"
  | "gemma3-4b-it"
  | "mistral-7b-instruct-gptq"
  | "tinyllama-1.1b-chat"
  | "qwen2.5-7b-instruct";

export interface ModelShape {
  /** On the Hugging Face hub. */
  readonly hubId: string;
  readonly layers: number;
  /** Of each layer. */
  readonly kvHeads: number;
  readonly headDim: number;
  /** Layers that attend to the whole context. */
  readonly globalLayers: number;
  /** Layers that attend to, and keep, the last `slidingWindow` tokens only. */
  readonly slidingLayers: number;
  /** Tokens. 0 where there is no sliding layer. */
  readonly slidingWindow: number;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly parameters: number;
  /** Parameters that take part in the work of every token. */
  readonly linearParameters: number;
  /** On the GPU. */
  readonly weightBytes: number;
  /** Bytes of weights that a decode step reads. */
  readonly bytesReadPerStep: number;
  /** Of one element. */
  readonly kvDtypeBytes: number;
  /** Prompt and answer together. */
  readonly maxContextTokens: number;
  /** vLLM can load LoRA adapters on this architecture and quantization. */
  readonly loraCapable: boolean;
  /** Bytes of one adapter for each unit of rank. */
  readonly loraBytesPerRank: number;
  readonly source: string;
}

interface ModelFacts {
  readonly hubId: string;
  readonly config: TransformerConfig;
  readonly globalLayers: number;
  readonly slidingWindow: number;
  readonly maxContextTokens: number;
  readonly loraCapable: boolean;
  readonly source: string;
}

function shapeOf({ config, globalLayers, ...rest }: ModelFacts): ModelShape {
  const { layers, kvHeads, headDim, vocabSize, hiddenSize, intermediateSize } = config;
  return {
    ...rest,
    ...transformerSize(config),
    layers,
    kvHeads,
    headDim,
    vocabSize,
    hiddenSize,
    intermediateSize,
    globalLayers,
    slidingLayers: layers - globalLayers,
    // The model's own 16-bit type, vLLM's default.
    kvDtypeBytes: 2,
  };
}

/**
 * SigLIP encoder (27 layers of 1,152) of a multimodal Gemma 3, without projector. From `vision_config`: the 4B model
 * then sums to what its model.safetensors.index.json states.
 */
const SIGLIP_PARAMETERS = 416_866_032;

export const MODELS: Readonly<Record<ModelName, ModelShape>> = {
  "gemma3-12b-it-gptq": shapeOf({
    hubId: "ISTA-DASLab/gemma-3-12b-it-GPTQ-4b-128g",
    config: {
      vocabSize: 262_208,
      hiddenSize: 3840,
      intermediateSize: 15_360,
      layers: 48,
      attentionHeads: 16,
      kvHeads: 8,
      headDim: 256,
      tiedEmbeddings: true,
      qkvBias: false,
      normsPerLayer: 4,
      qkNorms: true,
      otherParameters: SIGLIP_PARAMETERS + 1152 * 3840 + 1152,
      linearWeights: "gptq-4bit-128",
    },
    // One layer in six is global: layers 6, 12, … 48.
    globalLayers: 8,
    slidingWindow: 1024,
    maxContextTokens: 131_072,
    loraCapable: true,
    source: "https://huggingface.co/ISTA-DASLab/gemma-3-12b-it-GPTQ-4b-128g/blob/main/config.json",
  }),
  "gemma3-4b-it": shapeOf({
    hubId: "google/gemma-3-4b-it",
    config: {
      vocabSize: 262_208,
      hiddenSize: 2560,
      intermediateSize: 10_240,
      layers: 34,
      attentionHeads: 8,
      kvHeads: 4,
      headDim: 256,
      tiedEmbeddings: true,
      qkvBias: false,
      normsPerLayer: 4,
      qkNorms: true,
      otherParameters: SIGLIP_PARAMETERS + 1152 * 2560 + 1152,
      linearWeights: "16bit",
    },
    // One layer in six is global: layers 6, 12, … 30.
    globalLayers: 5,
    slidingWindow: 1024,
    maxContextTokens: 131_072,
    loraCapable: true,
    source: "https://huggingface.co/google/gemma-3-4b-it/blob/main/config.json",
  }),
  "mistral-7b-instruct-gptq": shapeOf({
    hubId: "TheBloke/Mistral-7B-Instruct-v0.2-GPTQ",
    config: {
      vocabSize: 32_000,
      hiddenSize: 4096,
      intermediateSize: 14_336,
      layers: 32,
      attentionHeads: 32,
      kvHeads: 8,
      headDim: 128,
      tiedEmbeddings: false,
      qkvBias: false,
      normsPerLayer: 2,
      qkNorms: false,
      otherParameters: 0,
      linearWeights: "gptq-4bit-128",
    },
    globalLayers: 32,
    slidingWindow: 0,
    maxContextTokens: 32_768,
    loraCapable: true,
    source: "https://huggingface.co/TheBloke/Mistral-7B-Instruct-v0.2-GPTQ/blob/main/config.json",
  }),
  "tinyllama-1.1b-chat": shapeOf({
    hubId: "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
    config: {
      vocabSize: 32_000,
      hiddenSize: 2048,
      intermediateSize: 5632,
      layers: 22,
      attentionHeads: 32,
      kvHeads: 4,
      headDim: 64,
      tiedEmbeddings: false,
      qkvBias: false,
      normsPerLayer: 2,
      qkNorms: false,
      otherParameters: 0,
      linearWeights: "16bit",
    },
    globalLayers: 22,
    slidingWindow: 0,
    maxContextTokens: 2048,
    loraCapable: true,
    source: "https://huggingface.co/TinyLlama/TinyLlama-1.1B-Chat-v1.0/blob/main/config.json",
  }),
  "qwen2.5-7b-instruct": shapeOf({
    hubId: "Qwen/Qwen2.5-7B-Instruct",
    config: {
      vocabSize: 152_064,
      hiddenSize: 3584,
      intermediateSize: 18_944,
      layers: 28,
      attentionHeads: 28,
      kvHeads: 4,
      headDim: 128,
      tiedEmbeddings: false,
      qkvBias: true,
      normsPerLayer: 2,
      qkNorms: false,
      otherParameters: 0,
      linearWeights: "16bit",
    },
    globalLayers: 28,
    slidingWindow: 0,
    maxContextTokens: 32_768,
    loraCapable: true,
    source: "https://huggingface.co/Qwen/Qwen2.5-7B-Instruct/blob/main/config.json",
  }),
};

export function isModelName(x: string): x is ModelName {
  return Object.hasOwn(MODELS, x);
}
